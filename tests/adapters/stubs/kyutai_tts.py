"""A stand-in for a Kyutai TTS server: so many frames a word, one connection a response."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from tests.adapters.stubs.faults import LATE_S, Fault
from tests.adapters.stubs.serving import gone, serving, tells

FRAME_S = 0.08


@dataclass
class KyutaiTtsStub:
    """Frames of word k (from 0) hold the value (k + 1) / 100."""

    frames_per_word: int = 3
    slots: int = 2
    stale: Sequence[bytes] = ()
    ready_after_s: float = 0.0
    fault: tuple[Fault, int] | None = None
    """Breaks in this way instead of saying the word of this number."""
    taken: int = 0
    queries: list[dict[str, str]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    ended: int = 0
    """Eos that came, of all connections."""
    frames_sent: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set it to end HALF_DEAD connections."""

    @property
    def held(self) -> int:
        return self.taken

    def mend(self) -> None:
        self.fault = None
        self.released.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/api/tts_streaming", self._stream)
        app.router.add_get("/api/build_info", tells({"version": "stub"}))
        async with serving(app) as address:
            yield f"ws://{address}"

    def has_sent_more_than(self, frames: int) -> bool:
        return self.frames_sent > frames

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        self.queries.append(dict(request.query))
        self.keys.append(request.headers.get("kyutai-api-key"))
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if self.taken == self.slots or self._has(Fault.FULL):
            await ws.send_bytes(pack(type="Error", message="no free channels"))
            await ws.close()
            return ws
        self.taken += 1
        try:
            await self._serve(ws, request)
        except ConnectionResetError:
            pass
        finally:
            self.taken -= 1
        return ws

    async def _serve(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        for stale in self.stale:
            await ws.send_bytes(stale)
        await asyncio.sleep(self.ready_after_s)
        if self._has(Fault.SLOW) and await gone(ws, LATE_S):
            return
        await ws.send_bytes(pack(type="Ready"))
        await ws.send_bytes(pack(type="Text", text="", start_s=0.0, stop_s=0.0))
        words: list[str] = []
        async for message in ws:
            if message.type is not WSMsgType.BINARY:
                continue
            match msgspec.msgpack.decode(message.data):
                case {"type": "Text", "text": text}:
                    words += text.split()
                    self.said += text.split()
                    if len(words) > 1:  # a word is spoken once the next one is known
                        await self._speak(ws, request, len(words) - 2, words[-2])
                case {"type": "Eos"}:
                    self.ended += 1
                    if words:
                        await self._speak(ws, request, len(words) - 1, words[-1])
                    if not self._has(Fault.SILENT):
                        await ws.close()

    async def _speak(
        self, ws: web.WebSocketResponse, request: web.Request, k: int, word: str
    ) -> None:
        if self.fault and k >= self.fault[1]:
            await self._break(self.fault[0], ws, request, word)
            return
        length_s = self.frames_per_word * FRAME_S
        times = {"start_s": k * length_s, "stop_s": (k + 1) * length_s}
        await ws.send_bytes(pack(type="Text", text=word, **times))
        for _ in range(self.frames_per_word):
            await ws.send_bytes(pack(type="Audio", pcm=[(k + 1) / 100] * 1920))
            self.frames_sent += 1

    def _has(self, fault: Fault) -> bool:
        return self.fault is not None and self.fault[0] is fault

    async def _break(
        self, fault: Fault, ws: web.WebSocketResponse, request: web.Request, word: str
    ) -> None:
        match fault:
            case Fault.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Fault.GARBAGE:
                await ws.send_bytes(b"\xc1 this is no msgpack")
            case Fault.ERROR:
                await ws.send_bytes(pack(type="Error", message="out of memory"))
            case Fault.GOODBYE:
                await ws.close(code=1011)
            case Fault.LYING:  # that it has said it
                await ws.send_bytes(pack(type="Text", text=word, start_s=1e9, stop_s=-1.0))
            case Fault.HALF_DEAD:
                assert request.transport is not None
                request.transport.pause_reading()
                await self.released.wait()
                request.transport.abort()


def pack(**message: Any) -> bytes:
    return msgspec.msgpack.encode(message)
