"""What the routes need, and where in the app they find it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from rtcserver.config import Settings
from rtcserver.ids import NewId, random_id
from rtcserver.server.auth import KeyRing, Visitor
from rtcserver.services.probing import Vitals
from rtcserver.session.lobby import Lobby

Probe = Callable[[], Awaitable[Vitals]]
"""One health check of a service. Raises ServiceError."""


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    lobby: Lobby
    keys: KeyRing
    probes: Mapping[str, Probe]
    new_id: NewId = random_id


CONTEXT = web.AppKey("context", Context)


def allowed(request: web.Request) -> tuple[Context, Visitor]:
    """The context, for a client that may call, and who that is. Raises AuthError."""
    context = request.app[CONTEXT]
    return context, context.keys.check(request)
