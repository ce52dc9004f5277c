"""A stand-in for a server of /v1/audio/transcriptions and /v1/audio/speech, and its faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from aiohttp import web

from tests.adapters.stubs.faults import LATE_S, Fault
from tests.adapters.stubs.leaks import until
from tests.adapters.stubs.serving import serving

Streams = Literal["", "openai", "vllm", "segments"]


@dataclass
class OpenAiAudioStub:
    """Hears `text` in every file; speaks each character as `samples_per_char` samples, all with
    the number of the request (from 1) as their value."""

    text: str = "Hello there."
    streams: Streams = ""
    """How it streams a transcript; "" answers in one piece, whatever was asked for."""
    samples_per_char: int = 960
    chunk_bytes: int = 5001
    models: Sequence[str] | None = ("tiny",)
    """None: it has no list of them."""
    key: str = "public_token"
    refuses_stream: bool = False
    refuses_speech: bool = False
    fault: tuple[Fault, int] | None = None
    """Every request breaks in this way, after so many that are answered as they should be."""
    drops: int = 0
    """So many requests are cut before they are answered."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    models_asked: int = 0
    busy: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set it to end HALF_DEAD connections."""

    @property
    def held(self) -> int:
        return self.busy

    def mend(self) -> None:
        self.fault = None
        self.released.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application(client_max_size=2**24)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/audio/transcriptions", self._answer)
        app.router.add_post("/v1/audio/speech", self._answer)
        async with serving(app) as address:
            yield f"openai+http://{address}/v1"

    async def _list_models(self, request: web.Request) -> web.Response:
        self.models_asked += 1
        if request.headers["Authorization"] != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "who are you?"}}, status=401)
        if self.models is None:
            raise web.HTTPNotFound
        return web.json_response({"data": [{"id": name} for name in self.models]})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        speech = request.path.endswith("/speech")
        form = await (request.json() if speech else request.post())
        self.asked.append({name: _plain(value) for name, value in form.items()})
        if self.drops:
            self.drops -= 1
            return _cut(request)
        if (self.refuses_stream and "stream" in form) or (self.refuses_speech and speech):
            return web.json_response({"detail": "extra fields not permitted"}, status=422)
        self.busy += 1
        try:
            parts = self._speech(str(form["input"])) if speech else self._transcript()
            kind = "audio/pcm" if speech else self._kind()
            return await self._send(request, kind, parts)
        finally:
            self.busy -= 1

    async def _send(
        self, request: web.Request, kind: str, parts: Sequence[bytes]
    ) -> web.StreamResponse:
        fault = self.fault[0] if self.fault and len(self.asked) > self.fault[1] else None
        match fault:
            case Fault.FULL:
                return web.json_response({"detail": "no free worker"}, status=503)
            case Fault.SLOW:
                await _until_left(request)
            case Fault.HALF_DEAD:
                assert request.transport is not None
                request.transport.pause_reading()
                await self.released.wait()
                return _cut(request)
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        for part in _faulty(fault, kind, parts) if fault else parts:
            await response.write(part)
            await asyncio.sleep(0)
        if fault is Fault.SILENT:
            await _until_left(request)
        if fault is Fault.CUT:
            return _cut(request)
        await response.write_eof()
        return response

    def _speech(self, text: str) -> list[bytes]:
        samples = np.full(len(text) * self.samples_per_char, len(self.asked), "<i2")
        pcm = samples.tobytes()
        return [pcm[n : n + self.chunk_bytes] for n in range(0, len(pcm), self.chunk_bytes)]

    def _kind(self) -> str:
        return "text/event-stream" if self.streams else "application/json"

    def _transcript(self) -> list[bytes]:
        words = [f" {word}" for word in self.text.split()]
        match self.streams:
            case "openai":
                deltas = [_event(type="transcript.text.delta", delta=word) for word in words]
                return [*deltas, _event(type="transcript.text.done", text=self.text)]
            case "vllm":
                return [*(_event(choices=[{"delta": {"content": w}}]) for w in words), _DONE]
            case "segments":
                return [_event(text=word.strip()) for word in words]
        return [json.dumps({"text": self.text}).encode()]


_DONE = b"data: [DONE]\n\n"


def _event(**event: Any) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _faulty(fault: Fault, kind: str, parts: Sequence[bytes]) -> Sequence[bytes]:
    """What still comes, whole as HTTP or not."""
    streamed = kind != "application/json"
    match fault:
        case Fault.SILENT:
            return parts[: len(parts) // 2]
        case Fault.LYING:
            return () if streamed else [b'{"text": ""}']
        case Fault.GARBAGE:
            return [b"ID3\x04 this is music" if kind == "audio/pcm" else b"data: {nonsense\n\n"]
        case Fault.ERROR:
            return [_event(error="out of memory") if kind != "audio/pcm" else b'{"error": "oops"}']
        case Fault.GOODBYE | Fault.CUT if streamed:
            return parts[:1]
        case _:
            return [b'{"te']


def _plain(value: Any) -> Any:
    return value.file.read() if isinstance(value, web.FileField) else value


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _until_left(request: web.Request) -> None:
    await until(lambda: request.transport is None, limit_s=LATE_S, every_s=0.02)
