"""Tools of MCP servers, by the official SDK: over streamable HTTP, or on a child process's pipes.

https://modelcontextprotocol.io/specification/2025-11-25
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client import Transport
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST, PARSE_ERROR

from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.errors import ToolboxLost, ToolError
from rtcserver.services.tools.bounded_http import BoundedTransport
from rtcserver.services.tools.mcp_result import spec_of, text_of

_MOST_TOOLS = 128  # of one server; a chat model is not helped by more
_LEAVE_S = 2.0  # to say goodbye to a server, once nobody wants it any more
_CONNECT_S = 5.0
# Codes that the SDK gives when the server, and not the tool, went wrong.
_OF_CONNECTION = {CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST, PARSE_ERROR}
_BROKEN = (anyio.ClosedResourceError, anyio.BrokenResourceError, httpx2.HTTPError, OSError)


class McpToolbox:
    """One connection. Whatever else a server may ask of its clients is declined."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def tools(self) -> tuple[ToolSpec, ...]:
        found: list[ToolSpec] = []
        cursor: str | None = None
        async with _translated():
            while True:
                page = await self._client.list_tools(cursor=cursor)
                found += map(spec_of, page.tools)
                cursor = page.next_cursor
                if cursor is None or not page.tools or len(found) >= _MOST_TOOLS:
                    return tuple(found[:_MOST_TOOLS])

    async def call(self, tool: str, arguments: dict[str, Any]) -> str:
        async with _translated():
            result = await self._client.call_tool(tool, arguments)
        if result.is_error:
            raise ToolError(text_of(result))
        return text_of(result)


@asynccontextmanager
async def over_http(url: str, headers: Mapping[str, str]) -> AsyncGenerator[McpToolbox, None]:
    """No redirect is followed, and neither proxies nor keys of the environment are used: what the
    operator allows is this URL. Raises ToolError."""
    # A tool may take its time; how long is the session's business.
    patience = httpx2.Timeout(_CONNECT_S, read=None)
    async with (
        httpx2.AsyncClient(
            headers=dict(headers),
            timeout=patience,
            max_redirects=0,
            trust_env=False,
            transport=BoundedTransport(httpx2.AsyncHTTPTransport(trust_env=False)),
        ) as http,
        _connected(streamable_http_client(url, http_client=http)) as toolbox,
    ):
        yield toolbox


@asynccontextmanager
async def over_stdio(command: str, *arguments: str) -> AsyncGenerator[McpToolbox, None]:
    """A child process of its own, which ends with the connection. Raises ToolError."""
    server = StdioServerParameters(command=command, args=list(arguments))
    async with _connected(stdio_client(server)) as toolbox:
        yield toolbox


@asynccontextmanager
async def _connected(transport: Transport) -> AsyncGenerator[McpToolbox, None]:
    """An error of the user's takes a way around the SDK, which would pack it into groups."""
    failure: Exception | None = None
    async with (
        _translated(),
        asyncio.timeout(None) as leaving,
        Client(transport, cache=None) as client,
    ):
        try:
            yield McpToolbox(client)
        except Exception as exc:
            failure = exc
        finally:
            leaving.reschedule(asyncio.get_running_loop().time() + _LEAVE_S)
    if failure:
        raise failure


@asynccontextmanager
async def _translated() -> AsyncGenerator[None, None]:
    """The SDK's errors as ours."""
    try:
        yield
    except MCPError as error:
        kind = ToolboxLost if error.code in _OF_CONNECTION else ToolError
        raise kind(error.message, error.code) from error
    except _BROKEN as error:
        raise ToolboxLost(f"The connection is lost: {type(error).__name__}") from error
    except ExceptionGroup as group:  # of the SDK's own tasks
        raise ToolboxLost("The connection is lost.") from group
    except Exception as error:  # a server that lies can make the SDK raise anything
        raise ToolError(f"The server speaks nonsense: {type(error).__name__}") from error
