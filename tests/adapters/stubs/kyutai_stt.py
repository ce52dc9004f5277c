"""A stand-in for a Kyutai STT server: words by script, one step a frame, and its faults."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from tests.adapters.stubs.faults import LATE_S, Fault
from tests.adapters.stubs.serving import gone, serving, tells

FRAME_S = 0.08
MODEL_DELAY = 6  # frames


@dataclass
class Connection:
    """What one client sent."""

    pcm: list[list[float]] = field(default_factory=list)
    markers: list[int] = field(default_factory=list)
    echoes: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class KyutaiSttStub:
    """`words`: (text, frame it is spoken in); each connection hears them from its own start."""

    words: Sequence[tuple[str, int]] = ()
    word_for_sound: str = ""
    """Heard where sound begins."""
    slots: int = 3
    module: str | None = "batched_asr"
    """Type told by /api/modules_info; None: no such page."""
    key: str = "public_token"
    ready_after_s: float = 0.0
    stale: Sequence[bytes] = ()
    steps: bool = True
    step_s: float = 0.0
    """Time that the model takes for a frame."""
    buffered_pcm: int = 0
    answers_markers: bool = True
    most_frames: int = 40_960
    """One more on a connection, and its model has come to the end of its positions."""
    quiet_limit_s: float = 120.0
    overrun: bool = False
    """Some connection sent more frames, or nothing for longer."""
    fault: tuple[Fault, int] | None = None
    """The first connection breaks in this way after so many frames; SLOW and FULL are all."""
    taken: int = 0
    dialled: int = 0
    connections: list[Connection] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set it to end a HALF_DEAD connection."""

    @property
    def held(self) -> int:
        return self.taken

    def mend(self) -> None:
        self.fault = None
        self.released.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/api/asr-streaming", self._stream)
        app.router.add_get("/api/build_info", tells({"version": "stub"}))
        if self.module is not None:
            app.router.add_get("/api/modules_info", self._modules_info)
        async with serving(app) as address:
            yield f"ws://{address}"

    async def _modules_info(self, _: web.Request) -> web.Response:
        slots = {"used_slots": str(self.taken), "total_slots": str(self.slots)}
        return web.json_response([{"type": self.module, "path": "/api/asr-streaming", **slots}])

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        self.dialled += 1
        if request.headers.get("kyutai-api-key") != self.key:
            raise web.HTTPUnauthorized
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
        mine = Connection()
        self.connections.append(mine)
        fault = self.fault if len(self.connections) == 1 else None
        while (message := await self._next(ws)).type in (WSMsgType.BINARY, WSMsgType.TEXT):
            if message.type is not WSMsgType.BINARY:
                continue
            match msgspec.msgpack.decode(message.data):
                case {"type": "Audio", "pcm": pcm}:
                    mine.pcm.append(pcm)
                    self.overrun |= len(mine.pcm) > self.most_frames
                case {"type": "Marker", "id": mark}:
                    mine.markers.append(mark)
                    mine.echoes.append((len(mine.pcm) + MODEL_DELAY, mark))
                    continue
            if fault and len(mine.pcm) == fault[1]:
                await self._break(fault[0], ws, request, mine)
            if not (fault and fault[0] is Fault.SILENT and len(mine.pcm) >= fault[1]):
                await self._step(ws, mine)

    async def _next(self, ws: web.WebSocketResponse) -> WSMessage:
        try:
            async with asyncio.timeout(self.quiet_limit_s):
                return await ws.receive()
        except TimeoutError:
            self.overrun = True
            raise ConnectionResetError from None

    def _has(self, fault: Fault) -> bool:
        return self.fault is not None and self.fault[0] is fault

    async def _step(self, ws: web.WebSocketResponse, mine: Connection) -> None:
        heard = len(mine.pcm)
        await asyncio.sleep(self.step_s)
        if self.steps:
            pauses = [0.1, 0.2, 0.3, 0.4]
            told = {"prs": pauses, "buffered_pcm": self.buffered_pcm}
            await ws.send_bytes(pack(type="Step", step_idx=7, **told))
        for text, frame in (*self.words, *self._sounds(mine)):
            if frame + MODEL_DELAY == heard:
                await ws.send_bytes(pack(type="Word", text=text, start_time=frame * FRAME_S))
                await ws.send_bytes(pack(type="EndWord", stop_time=frame * FRAME_S))
        while self.answers_markers and mine.echoes and mine.echoes[0][0] <= heard:
            await ws.send_bytes(pack(type="Marker", id=mine.echoes.pop(0)[1]))

    def _sounds(self, mine: Connection) -> Iterator[tuple[str, int]]:
        """The word that begins in the frame which the model has just understood."""
        frame = len(mine.pcm) - MODEL_DELAY
        if self.word_for_sound and frame >= 0:
            before = frame > 0 and max(mine.pcm[frame - 1]) > 0
            if max(mine.pcm[frame]) > 0 and not before:
                yield self.word_for_sound, frame

    async def _break(
        self, fault: Fault, ws: web.WebSocketResponse, request: web.Request, mine: Connection
    ) -> None:
        match fault:
            case Fault.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Fault.GARBAGE:
                await ws.send_bytes(b"\xc1 this is no msgpack")
            case Fault.ERROR:
                await ws.send_bytes(pack(type="Error", message="out of memory"))
                await ws.close()
            case Fault.GOODBYE:
                await ws.close()
            case Fault.HALF_DEAD:
                assert request.transport is not None
                request.transport.pause_reading()
                await self.released.wait()
                request.transport.abort()
            case Fault.LYING:
                for mark in (99, *(mark for _, mark in mine.echoes)):
                    await ws.send_bytes(pack(type="Marker", id=mark))
                await ws.send_bytes(pack(type="Word", text="", start_time=-1e9))
                await ws.send_bytes(pack(type="Step", step_idx=-1, prs=[7.0], buffered_pcm=-1))


def pack(**message: Any) -> bytes:
    return msgspec.msgpack.encode(message)
