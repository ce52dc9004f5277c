"""The web application: every route, and what they share."""

from collections.abc import Mapping

from aiohttp import web

from rtcserver.config import Settings
from rtcserver.server.auth import KeyRing
from rtcserver.server.context import CONTEXT, Context, Probe
from rtcserver.server.loop_lag import measure_loop_lag
from rtcserver.server.middleware import (
    add_headers,
    errors_as_json,
    preflight,
    refuse_encoded_bodies,
)
from rtcserver.server.route import TABLE
from rtcserver.server.routes import (
    calls,
    client_secrets,
    documents,
    health,
    metrics,
    models,
    page,
    realtime,
    rtvi,
    unsupported,
    whip,
)
from rtcserver.server.tokens import MAX_HEADER_BYTES
from rtcserver.session.lobby import Lobby

_TABLE = (
    *calls.ROUTES,
    *client_secrets.ROUTES,
    *realtime.ROUTES,
    *unsupported.ROUTES,
    *whip.ROUTES,
    *rtvi.ROUTES,
    *models.ROUTES,
    *documents.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
    *page.ROUTES,  # last: it takes every path that is left
)
# Above the largest offer, so that one too large is refused as an offer, saying so.
_MAX_BODY_BYTES = 4 * 2**20


def make_app(settings: Settings, lobby: Lobby, probes: Mapping[str, Probe]) -> web.Application:
    """`probes` by service: "stt", "llm", "tts". Raises ConfigError."""
    app = web.Application(
        client_max_size=_MAX_BODY_BYTES,
        middlewares=[preflight, errors_as_json, refuse_encoded_bodies],
        handler_args={
            "max_field_size": MAX_HEADER_BYTES,
            "keepalive_timeout": settings.server.idle_timeout_s,
            "auto_decompress": False,  # see refuse_encoded_bodies
        },
    )
    app[CONTEXT] = Context(settings, lobby, KeyRing(settings.server), probes)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(measure_loop_lag)
    app[TABLE] = _TABLE
    health.prepare(app)
    page.prepare(app)
    for route in _TABLE:
        app.router.add_route(route.method, route.path, route.handler)
    return app
