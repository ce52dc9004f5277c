"""How many streams a speech server takes at once, and the routes that tell."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from rtcserver import __version__
from rtcserver.errors import CapacityError


class Slots:
    """The streams of one module of a speech server. `kind` and `path` as Kyutai reports them;
    `engine` is what works behind it, for people."""

    def __init__(self, kind: str, path: str, total: int, engine: str) -> None:
        self._kind = kind
        self._path = path
        self._total = total
        self._engine = engine
        self._used = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a slot. Raises CapacityError when none is free."""
        if self._used >= self._total:
            raise CapacityError("no free channels", retry_after_s=1)
        self._used += 1
        try:
            yield
        finally:
            self._used -= 1

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/api/build_info", self._build_info)
        app.router.add_get("/api/modules_info", self._modules_info)

    async def _build_info(self, request: web.Request) -> web.Response:
        return web.json_response({"name": f"rtcserver {self._kind}", "version": __version__})

    async def _modules_info(self, request: web.Request) -> web.Response:
        module = {
            "type": self._kind,
            "path": self._path,
            "used_slots": str(self._used),
            "total_slots": str(self._total),
            "engine": self._engine,
        }
        return web.json_response([module])
