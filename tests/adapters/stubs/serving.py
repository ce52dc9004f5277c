"""Run a stub on a free loopback port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Yields host:port."""
    server = TestServer(app)
    await server.start_server(access_log=None, shutdown_timeout=0.1)
    try:
        yield f"{server.host}:{server.port}"
    finally:
        await server.close()


@asynccontextmanager
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        yield http


def tells(value: object) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A page that always says the same."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(value)

    return answer


async def gone(ws: web.WebSocketResponse, limit_s: float) -> bool:
    """Whether the client leaves within the limit; whatever else it says meanwhile is lost."""
    try:
        async with asyncio.timeout(limit_s):
            while (await ws.receive()).type in (WSMsgType.BINARY, WSMsgType.TEXT):
                pass
    except TimeoutError:
        return False
    return True
