"""GET /openapi.json and /asyncapi.json: what can be asked and said here, for programs."""

import asyncio
from functools import cache

import msgspec
from aiohttp import web

from rtcserver.server import asyncapi, openapi
from rtcserver.server.route import JSON, TABLE, Reply, Route


@cache
def _openapi(routes: tuple[Route, ...]) -> bytes:
    return msgspec.json.encode(openapi.openapi(routes))


@cache
def _asyncapi() -> bytes:
    return msgspec.json.encode(asyncapi.asyncapi())


async def _http(request: web.Request) -> web.Response:
    body = await asyncio.to_thread(_openapi, request.app[TABLE])
    return web.Response(body=body, content_type=JSON)


async def _events(_request: web.Request) -> web.Response:
    return web.Response(body=await asyncio.to_thread(_asyncapi), content_type=JSON)


_REPLY = (Reply(200, "The document", {JSON: dict}),)
ROUTES = (
    Route("GET", "/openapi.json", _http, "This document", _REPLY, needs_key=False),
    Route("GET", "/asyncapi.json", _events, "The events of a call", _REPLY, needs_key=False),
)
