"""GET /health: is every service up, and is there room?"""

import asyncio
from collections.abc import Mapping
from itertools import starmap

import msgspec
from aiohttp import web

from rtcserver.backends import backend_of
from rtcserver.errors import ServiceError
from rtcserver.server.context import CONTEXT, Probe
from rtcserver.server.route import JSON, Reply, Route
from rtcserver.services.probing import Vitals
from rtcserver.timer import now

_PROBE_TIMEOUT_S = 2.0
_FRESH_S = 1.0  # so that many who ask do not become many who probe


class Slots(msgspec.Struct, frozen=True):
    used: int
    total: int


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """`backend`: what a call would get now, by its kind: addresses are not for everybody who may
    ask. `slots`, if it tells any."""

    status: str
    latency_ms: float | None = None
    backend: str | None = None
    slots: Slots | None = None
    detail: str


class Calls(msgspec.Struct, frozen=True):
    active: int
    max: int


class Health(msgspec.Struct, frozen=True):
    """`status`: "up", "degraded" (some service is down) or "down" (all are)."""

    status: str
    services: dict[str, Service]
    calls: Calls


class Checkup:
    """Probes all services at once, and remembers what it found for a moment."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._found: dict[str, Service] = {}
        self._at = float("-inf")
        self._probing = asyncio.Lock()

    async def services(self) -> dict[str, Service]:
        async with self._probing:
            if now() - self._at > _FRESH_S:
                states = await asyncio.gather(*starmap(_probe, self._probes.items()))
                self._found = dict(zip(self._probes, states, strict=True))
                self._at = now()
            return self._found


async def _probe(name: str, probe: Probe) -> Service:
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            found = await probe()
    except ServiceError as exc:
        return Service(status="down", detail=str(exc))
    except TimeoutError:
        return Service(status="down", detail=f"no answer within {_PROBE_TIMEOUT_S:g} s")
    return Service(
        status="up",
        latency_ms=round(found.took_s * 1000, 1),
        backend=_backend(name, found),
        slots=Slots(found.load.used, found.load.total) if found.load else None,
        detail="ready",
    )


def _backend(name: str, found: Vitals) -> str:
    kind = backend_of(name, found.instance)
    return found.engine or (kind.name if kind else "built in")


_CHECKUP = web.AppKey("checkup", Checkup)


def prepare(app: web.Application) -> None:
    app[_CHECKUP] = Checkup(app[CONTEXT].probes)


async def _health(request: web.Request) -> web.Response:
    """503 only if no service is up: with one of them a call can still say what is wrong."""
    context = request.app[CONTEXT]
    services = await request.app[_CHECKUP].services()
    down = [name for name, service in services.items() if service.status == "down"]
    all_down = bool(down) and len(down) == len(services)
    health = Health(
        "down" if all_down else "degraded" if down else "up",
        services,
        Calls(context.lobby.active, context.settings.server.max_calls),
    )
    return web.Response(
        body=msgspec.json.encode(health),
        content_type=JSON,
        status=503 if all_down else 200,
    )


ROUTES = (
    Route(
        "GET",
        "/health",
        _health,
        "Ask how the server is",
        (
            Reply(200, "A call can be made", {JSON: Health}),
            Reply(503, "No service is up", {JSON: Health}),
        ),
        needs_key=False,
    ),
)
