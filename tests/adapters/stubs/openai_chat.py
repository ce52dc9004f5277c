"""A stand-in for an OpenAI-compatible server: streams what it is told to, and its faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.adapters.stubs.faults import LATE_S, Fault
from tests.adapters.stubs.leaks import until
from tests.adapters.stubs.serving import serving


def piece(content: str | None = None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    return line({"object": "chat.completion.chunk", "choices": [choice]})


def line(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


USAGE = line({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
MAX_TOKENS_REFUSED = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
DONE = b"data: [DONE]\n\n"
HELLO = (piece("Hello"), piece(" there."), piece(finish="stop"))


class Cut:
    """Aborts the connection here."""


class Stall:
    """Sends nothing more, and waits for the client to leave."""


class Pings:
    """Sends keep-alives and nothing else, until the client leaves."""


@dataclass
class OpenAiChatStub:
    reply: Sequence[bytes | Cut | Stall | Pings] = (*HELLO, DONE)
    models: Sequence[str] = ("tiny",)
    lists_models: bool = True
    status: int = 200
    error: Any = None
    key: str = "EMPTY"
    refuses_stream_options: bool = False
    refuses_max_tokens: bool = False
    headers_after_s: float = 0.0
    drops: int = 0
    """So many requests are cut before they are answered."""
    fault: tuple[Fault, int] | None = None
    """Every reply breaks in this way after so many parts; SLOW, FULL and HALF_DEAD before any."""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    models_asked: int = 0
    streaming: int = 0
    peers: set[Any] = field(default_factory=set)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set it to end HALF_DEAD connections."""

    @property
    def held(self) -> int:
        return self.streaming

    def mend(self) -> None:
        self.fault = None
        self.released.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/chat/completions", self._complete)
        async with serving(app) as address:
            yield f"http://{address}/v1"

    async def _list_models(self, request: web.Request) -> web.Response:
        self.models_asked += 1
        if not self.lists_models:
            raise web.HTTPNotFound
        return web.json_response({"object": "list", "data": [{"id": m} for m in self.models]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        self.bodies.append(await request.json())
        if self.drops:
            self.drops -= 1
            request.transport.abort()
            return web.Response()
        if request.headers["Authorization"] != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "who are you?"}}, status=401)
        if self.refuses_stream_options and "stream_options" in self.bodies[-1]:
            return web.json_response({"detail": "extra fields not permitted"}, status=400)
        if self.refuses_max_tokens and "max_tokens" in self.bodies[-1]:
            return web.json_response({"error": {"message": MAX_TOKENS_REFUSED}}, status=400)
        if self.status != 200:
            return web.json_response(self.error, status=self.status)
        if self._has(Fault.FULL):
            return web.json_response({"error": {"message": "too many requests"}}, status=503)
        if self._has(Fault.LYING):  # HTTP says that all is well, the body that it is not
            return web.json_response({"error": {"message": "out of memory"}})
        self.streaming += 1
        try:
            return await self._stream(request)
        finally:
            self.streaming -= 1

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.headers_after_s)
        if self._has(Fault.SLOW):
            await self._stall(request)
        if self._has(Fault.HALF_DEAD):
            assert request.transport is not None
            request.transport.pause_reading()
            await self.released.wait()
            request.transport.abort()
            return web.Response()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in self._parts():
            match part:
                case bytes():
                    await response.write(part)
                    await asyncio.sleep(0)
                case Cut():
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                case Stall():
                    await self._stall(request)
                case Pings():
                    with suppress(ConnectionResetError):
                        while request.transport is not None:
                            await response.write(b": ping\n\n")
                            await asyncio.sleep(0.02)
                    return response
        await response.write_eof()
        return response

    def _has(self, fault: Fault) -> bool:
        return self.fault is not None and self.fault[0] is fault

    def _parts(self) -> Sequence[bytes | Cut | Stall | Pings]:
        match self.fault:
            case (Fault.CUT, at):
                return (*self.reply[:at], Cut())
            case (Fault.SILENT, at):
                return (*self.reply[:at], Stall())
            case (Fault.GARBAGE, at):
                return (*self.reply[:at], b"data: {nonsense\n\n")
            case (Fault.ERROR, at):
                return (*self.reply[:at], line({"error": {"message": "out of memory"}}))
            case (Fault.GOODBYE, at):
                return self.reply[:at]
        return self.reply

    async def _stall(self, request: web.Request) -> None:
        """Until the client has gone."""
        await until(lambda: request.transport is None, limit_s=LATE_S, every_s=0.02)
