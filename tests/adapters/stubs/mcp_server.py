"""A server of the official MCP SDK: over HTTP in this process, or one of its own on pipes or HTTP
(`python -m … stdio|http`, which prints its URL)."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.adapters.stubs.leaks import until

_MCP = MCPServer("stub")


@_MCP.tool(annotations=ToolAnnotations(read_only_hint=True))
def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


@_MCP.tool()
def fail() -> str:
    raise ToolError("no such order")


@_MCP.tool()
async def slow() -> str:
    await asyncio.sleep(60)
    return "late"


@_MCP.tool()
def die() -> str:
    os._exit(1)


@_MCP.tool()
def endless() -> str:
    return "x" * 20_000_000


@dataclass
class McpServer:
    url: str
    headers: list[dict[str, str]] = field(default_factory=list)
    """Of every request, with lower-case names."""


@asynccontextmanager
async def mcp_server() -> AsyncIterator[McpServer]:
    """The real thing at http://127.0.0.1:<port>/mcp."""
    door = socket.create_server(("127.0.0.1", 0))
    host, port = door.getsockname()
    running = McpServer(f"http://{host}:{port}/mcp")
    app = _noting(_MCP.streamable_http_app(), running.headers)
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await until(lambda: server.started)
        yield running
    finally:
        server.force_exit = server.should_exit = True
        await task
        door.close()


def _noting(app: ASGIApp, headers: list[dict[str, str]]) -> ASGIApp:
    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        await app(scope, receive, send)

    return noting


async def _serve_http() -> None:
    async with mcp_server() as server:
        print(server.url, flush=True)  # noqa: T201  (that is how the test learns it)
        await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        _MCP.run("stdio")
    else:
        asyncio.run(_serve_http())
