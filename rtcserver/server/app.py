"""The web application: every route, and what they share."""

from collections.abc import Mapping

from aiohttp import web

from rtcserver.config import Settings
from rtcserver.server.auth import KeyRing
from rtcserver.server.context import CONTEXT, Context, Probe
from rtcserver.server.loop_lag import measure_loop_lag
from rtcserver.server.middleware import add_headers, errors_as_json, preflight
from rtcserver.server.routes import (
    calls,
    client_secrets,
    health,
    metrics,
    page,
    realtime,
    rtvi,
    whip,
)
from rtcserver.server.tokens import MAX_HEADER_BYTES
from rtcserver.session.lobby import Lobby

# Above the largest offer, so that one too large is refused as an offer, saying so.
_MAX_BODY_BYTES = 4 * 2**20


def make_app(settings: Settings, lobby: Lobby, probes: Mapping[str, Probe]) -> web.Application:
    """`probes` by service: "stt", "llm", "tts". Raises ConfigError."""
    app = web.Application(
        client_max_size=_MAX_BODY_BYTES,
        middlewares=[preflight, errors_as_json],
        handler_args={"max_field_size": MAX_HEADER_BYTES},
    )
    app[CONTEXT] = Context(settings, lobby, KeyRing(settings.server), probes)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(measure_loop_lag)
    calls.add_routes(app)
    client_secrets.add_routes(app)
    realtime.add_routes(app)
    whip.add_routes(app)
    rtvi.add_routes(app)
    health.add_routes(app)
    metrics.add_routes(app)
    page.add_routes(app)  # last: it takes every path that is left
    return app
