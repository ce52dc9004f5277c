"""GET /v1/realtime: a call over a WebSocket, or a sideband to one that is going on."""

from aiohttp import web

from rtcserver.server.calling import (
    ABOUT_CALL,
    LOCATION,
    call_request,
    location,
    of_call,
    refuse_beta,
)
from rtcserver.server.context import CONTEXT, allowed
from rtcserver.server.route import Reply, Route
from rtcserver.session.sidebands import Sideband
from rtcserver.transports.websocket import WebSocketTransport, upgrade


async def _realtime(request: web.Request) -> web.StreamResponse:
    """Whoever cannot be served is refused before the upgrade, so that clients read why."""
    context, visitor = allowed(request)
    refuse_beta(request)
    if "call_id" in request.query:
        return await _attend(request, request.query["call_id"])
    context.lobby.check(visitor.name)
    call = call_request(request, context, visitor, "websocket")
    ws, wire = await _upgrade(request, call.call_id)
    await context.lobby.host(wire, call)
    return ws


async def _attend(request: web.Request, call_id: str) -> web.StreamResponse:
    context, _ = of_call(request, call_id)
    context.lobby.check_sideband(call_id)
    ws, wire = await _upgrade(request, call_id)
    await context.lobby.attend(call_id, Sideband(wire, request.query.get("rtc_events") == "1"))
    return ws


async def _upgrade(
    request: web.Request, call_id: str
) -> tuple[web.WebSocketResponse, WebSocketTransport]:
    context = request.app[CONTEXT]
    ws = upgrade(context.settings.session)
    if not ws.can_prepare(request).ok:
        raise web.HTTPUpgradeRequired(text="This is a WebSocket.")
    ws.headers.update(location(call_id))
    await ws.prepare(request)
    return ws, WebSocketTransport(request, ws, context.new_id)


ROUTES = (
    Route(
        "GET",
        "/v1/realtime",
        _realtime,
        "Call over a WebSocket, or join a call by a sideband",
        (Reply(101, "Events follow, see /asyncapi.json", headers=LOCATION),),
        query=ABOUT_CALL | {"call_id": "Opens a sideband to this call"},
        errors=(400, 404, 426, 429, 503),
    ),
)
