"""GET /v1/realtime: a call over a WebSocket."""

from aiohttp import web

from rtcserver.errors import ProtocolError
from rtcserver.server.calling import call_request
from rtcserver.server.context import allowed
from rtcserver.transports.websocket import WebSocketTransport, upgrade


def add_routes(app: web.Application) -> None:
    app.router.add_get("/v1/realtime", _realtime)


async def _realtime(request: web.Request) -> web.StreamResponse:
    """Whoever cannot be served is refused before the upgrade, so that clients read why."""
    context, visitor = allowed(request)
    refuse_what_is_not_spoken(request)
    context.lobby.check(visitor.name)
    call = call_request(request, context, visitor, "websocket")
    ws = upgrade(context.settings.session)
    if not ws.can_prepare(request).ok:
        raise web.HTTPUpgradeRequired(text="This is a WebSocket.")
    await ws.prepare(request)
    await context.lobby.host(WebSocketTransport(request, ws, context.new_id), call)
    return ws


def refuse_what_is_not_spoken(request: web.Request) -> None:
    """Raises ProtocolError for dialects whose events would only be misunderstood."""
    if "realtime=v1" in request.headers.get("OpenAI-Beta", ""):
        raise ProtocolError(
            "The beta of the Realtime API is not spoken; leave out the header OpenAI-Beta.",
            code="beta_not_supported",
            param="OpenAI-Beta",
        )
    if "call_id" in request.query:
        raise ProtocolError(
            "The query parameter 'call_id' is not supported.",
            code="unsupported_parameter",
            param="call_id",
        )
