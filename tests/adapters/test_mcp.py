"""MCP servers as tools: a real one of the SDK, and some that break the protocol."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from rtcserver.errors import ToolboxLost, ToolError
from rtcserver.services.tools.mcp import McpToolbox, over_http, over_stdio
from tests.adapters.stubs.leaks import nothing_left, until
from tests.adapters.stubs.mcp_server import McpServer, mcp_server
from tests.adapters.stubs.serving import serving

STUB = (sys.executable, "-m", "tests.adapters.stubs.mcp_server")
STDIO = (*STUB, "stdio")


@pytest.fixture
async def server() -> AsyncIterator[McpServer]:
    async with mcp_server() as running:
        yield running


@asynccontextmanager
async def opened(server: McpServer, **headers: str) -> AsyncIterator[McpToolbox]:
    async with nothing_left(), over_http(server.url, headers) as box:
        yield box


async def test_the_tools_of_a_server_are_listed(server: McpServer) -> None:
    async with opened(server) as box:
        tools = await box.tools()
    assert [tool.name for tool in tools] == ["add", "fail", "slow", "die", "endless"]
    assert (tools[0].description, tools[0].read_only) == ("Add two numbers.", True)
    assert tools[0].parameters["required"] == ["a", "b"]
    assert tools[1].read_only is None


async def test_a_call_has_its_result(server: McpServer) -> None:
    async with opened(server) as box:
        results = await asyncio.gather(*(box.call("add", {"a": n, "b": 1}) for n in range(20)))
    assert results == [str(n + 1) for n in range(20)]


async def test_headers_go_to_the_server(server: McpServer) -> None:
    async with opened(server, Authorization="Bearer key", **{"X-Team": "7"}) as box:
        await box.call("add", {"a": 1, "b": 1})
    assert all(each["authorization"] == "Bearer key" for each in server.headers)
    assert all(each["x-team"] == "7" for each in server.headers)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("fail", {}, "no such order"),
        ("add", {"a": 1}, "b"),
        ("nothing", {}, "nothing"),
    ],
)
async def test_a_tool_that_fails_says_so(
    server: McpServer, tool: str, arguments: dict[str, int], message: str
) -> None:
    async with opened(server) as box:
        with pytest.raises(ToolError, match=message) as caught:
            await box.call(tool, arguments)
        assert await box.call("add", {"a": 1, "b": 1}) == "2"
    assert not isinstance(caught.value, ToolboxLost)


async def test_a_call_can_be_cancelled(server: McpServer) -> None:
    async with opened(server) as box:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await box.call("slow", {})
        assert await box.call("add", {"a": 1, "b": 1}) == "2"


async def test_a_connection_is_left_while_a_call_runs(server: McpServer) -> None:
    async with opened(server) as box:
        call = asyncio.create_task(box.call("slow", {}))
        await until(lambda: len(server.headers) >= 2)
    with pytest.raises(ToolError):
        await call


async def test_an_answer_without_end_is_not_read_to_its_end(server: McpServer) -> None:
    async with nothing_left():
        with pytest.raises(ToolboxLost):
            async with asyncio.timeout(10), over_http(server.url, {}) as box:
                await box.call("endless", {})


async def test_a_server_that_is_not_there_is_lost() -> None:
    async with nothing_left():
        with pytest.raises(ToolboxLost):
            async with over_http("http://127.0.0.1:9/mcp", {}) as box:
                await box.tools()


async def test_a_server_that_goes_away_in_a_call_is_lost() -> None:
    async with nothing_left():
        child = await asyncio.create_subprocess_exec(*STUB, "http", stdout=asyncio.subprocess.PIPE)
        assert child.stdout is not None
        url = (await child.stdout.readline()).decode().strip()
        with pytest.raises(ToolboxLost):
            async with asyncio.timeout(10), over_http(url, {}) as box:
                await box.call("die", {})
        await child.wait()


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def garbage(request: web.Request) -> web.StreamResponse:
    return web.Response(text="{", content_type="application/json")


async def page(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>", content_type="text/html")


async def breakage(request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def lie(request: web.Request) -> web.StreamResponse:
    asked = await request.json()
    return web.json_response({"jsonrpc": "2.0", "id": asked.get("id"), "result": {"tools": 7}})


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"event: message\ndata: {")
    assert request.transport is not None
    request.transport.abort()
    return response


@pytest.mark.parametrize("answer", [garbage, page, breakage, lie, cut_off])
async def test_a_server_that_speaks_nonsense_fails_to_open(answer: Answer) -> None:
    app = web.Application()
    app.router.add_route("*", "/mcp", answer)
    async with nothing_left(), serving(app) as address:
        with pytest.raises(ToolError):
            async with asyncio.timeout(10), over_http(f"http://{address}/mcp", {}) as box:
                await box.tools()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_followed_nowhere(server: McpServer, status: int) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        visited.append(request.path)
        where = server.url if request.path == "/mcp" else "/mcp"
        return web.Response(status=status, headers={"Location": where})

    visited: list[str] = []
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", elsewhere)
    async with serving(app) as address:
        for path in ("/mcp", "/other"):
            with pytest.raises(ToolError):
                async with over_http(f"http://{address}{path}", {}) as box:
                    await box.tools()
    assert set(visited) == {"/mcp", "/other"}
    assert visited.index("/other") == visited.count("/mcp")  # no /mcp after /other
    assert server.headers == []


async def test_a_server_on_pipes() -> None:
    async with nothing_left(), over_stdio(*STDIO) as box:
        assert [tool.name for tool in await box.tools()][0] == "add"
        assert await box.call("add", {"a": 1, "b": 2}) == "3"


async def test_a_server_on_pipes_that_dies_in_a_call_is_lost() -> None:
    async with nothing_left():
        with pytest.raises(ToolboxLost):
            await died()


async def died() -> None:
    async with asyncio.timeout(10), over_stdio(*STDIO) as box:
        await box.call("die", {})


@pytest.mark.parametrize("command", [("/nowhere/at/all",), (sys.executable, "-c", "print('hi')")])
async def test_a_command_that_serves_no_tools_fails_to_open(command: tuple[str, ...]) -> None:
    async with nothing_left():
        with pytest.raises(ToolError):
            async with asyncio.timeout(10), over_stdio(*command) as box:
                await box.tools()


async def test_a_box_is_closed_by_a_cancellation() -> None:
    opened = asyncio.Event()

    async def hold() -> None:
        async with over_stdio(*STDIO) as box:
            await use(box)

    async def use(box: McpToolbox) -> None:
        await box.tools()
        opened.set()
        await asyncio.Event().wait()

    async with nothing_left():
        task = asyncio.create_task(hold())
        async with asyncio.timeout(10):
            await opened.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class Puzzled:
    """An SDK that a server has led astray."""

    async def list_tools(self, cursor: str | None) -> None:
        raise KeyError("tools")

    async def call_tool(self, tool: str, arguments: dict[str, Any]) -> None:
        raise KeyError("content")


async def test_whatever_the_sdk_raises_costs_a_call_of_a_tool_and_nothing_else() -> None:
    box = McpToolbox(Puzzled())  # type: ignore[arg-type]
    for asked in (box.tools(), box.call("add", {})):
        with pytest.raises(ToolError, match="speaks nonsense: KeyError"):
            await asked
