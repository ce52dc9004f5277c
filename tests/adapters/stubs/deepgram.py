"""A stand-in for Deepgram's /v1/listen: words by script, interim results, and its faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web

from tests.adapters.stubs.faults import LATE_S, Fault
from tests.adapters.stubs.leaks import until
from tests.adapters.stubs.serving import serving

FRAME_S = 0.08
Spoken = tuple[str, int]
"""A word and the frame it is spoken in; it lasts two."""


@dataclass
class Connection:
    """What one client sent, and how much of it is final."""

    pcm: list[bytes] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    final: int = 0


@dataclass
class DeepgramStub:
    words: Sequence[Spoken] = ()
    word_for_sound: str = ""
    """Heard where sound begins."""
    slots: int = 3
    key: str = "public_token"
    interim_every: int = 5
    """Frames between interim results; 0: none. A word in one of them is still in capitals."""
    final_every: int = 0
    """Frames between results that are final by themselves; 0: none."""
    bare: bool = False
    """Tells a transcript without its words."""
    answers_finalize: bool = True
    goodbye_after_s: float = 10.0
    """Hangs up when it has heard neither audio nor a KeepAlive for so long."""
    fault: tuple[Fault, int] | None = None
    """The first connection breaks in this way after so many frames; SLOW and FULL are all."""
    taken: int = 0
    dialled: int = 0
    queries: list[dict[str, str]] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def held(self) -> int:
        return self.taken

    def mend(self) -> None:
        self.fault = None
        self.released.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/v1/listen", self._listen)
        async with serving(app) as address:
            yield f"deepgram+ws://{address}"

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        self.dialled += 1
        self.queries.append(dict(request.query))
        if request.headers.get("Authorization") != f"Token {self.key}":
            raise web.HTTPUnauthorized
        if self.taken == self.slots or self._has(Fault.FULL):
            raise web.HTTPTooManyRequests
        if self._has(Fault.SLOW):
            await until(lambda: request.transport is None, limit_s=LATE_S, every_s=0.02)
            return web.Response()
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.taken += 1
        try:
            await self._serve(ws, request)
        except ConnectionResetError:
            pass
        finally:
            self.taken -= 1
        return ws

    async def _serve(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        mine = Connection()
        self.connections.append(mine)
        fault = self.fault if len(self.connections) == 1 else None
        while True:
            try:
                message = await ws.receive(self.goodbye_after_s)
            except TimeoutError:
                await ws.close(code=1011, message=b"NET-0001")
                return
            match message.type:
                case WSMsgType.BINARY:
                    mine.pcm.append(message.data)
                case WSMsgType.TEXT:
                    mine.controls.append(json.loads(message.data)["type"])
                case _:
                    return
            if fault and message.type is WSMsgType.BINARY and len(mine.pcm) == fault[1]:
                await self._break(fault[0], ws, request)
            if not (fault and fault[0] is Fault.SILENT and len(mine.pcm) >= fault[1]):
                await self._answer(ws, mine, message.type)

    async def _answer(self, ws: web.WebSocketResponse, mine: Connection, kind: WSMsgType) -> None:
        heard = len(mine.pcm)
        match kind, mine.controls[-1:]:
            case WSMsgType.BINARY, _:
                if self.final_every and heard % self.final_every == 0:
                    await ws.send_str(self._results(mine, is_final=True, speech_final=True))
                elif self.interim_every and heard % self.interim_every == 0:
                    await ws.send_str(self._results(mine))
            case _, ["Finalize"] if self.answers_finalize and heard > mine.final:
                await ws.send_str(self._results(mine, is_final=True, from_finalize=True))
            case _, ["CloseStream"]:
                await ws.send_str(pack(type="Metadata", duration=heard * FRAME_S, channels=1))
                await ws.close()

    def _results(self, mine: Connection, **flags: bool) -> str:
        """Of all that is not final yet."""
        first, heard, final = mine.final, len(mine.pcm), flags.get("is_final", False)
        news = [w for w in (*self.words, *self._sounds(mine)) if first <= w[1] < heard]
        if final:
            mine.final = heard
        return results(
            news if final else [(text.upper(), frame) for text, frame in news],
            first,
            heard,
            bare=self.bare,
            **flags,
        )

    def _sounds(self, mine: Connection) -> list[Spoken]:
        loud = [bool(np.frombuffer(pcm, "<i2").any()) for pcm in mine.pcm]
        begins = [k for k, on in enumerate(loud) if on and not (k and loud[k - 1])]
        return [(self.word_for_sound, frame) for frame in begins if self.word_for_sound]

    def _has(self, fault: Fault) -> bool:
        return self.fault is not None and self.fault[0] is fault

    async def _break(self, fault: Fault, ws: web.WebSocketResponse, request: web.Request) -> None:
        match fault:
            case Fault.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Fault.GARBAGE:
                await ws.send_str("this is no { JSON")
            case Fault.ERROR:
                why = {"description": "out of memory", "message": "", "variant": "x"}
                await ws.send_str(pack(type="Error", **why))
                await ws.close(code=1011, message=b"NET-0000")
            case Fault.GOODBYE:
                await ws.close()
            case Fault.HALF_DEAD:
                assert request.transport is not None
                request.transport.pause_reading()
                await self.released.wait()
                request.transport.abort()
            case Fault.LYING:
                await ws.send_str(results([("", 0)], -(10**9), 10**9, bare=False, is_final=True))
                await ws.send_str(pack(type="Results", is_final=True, from_finalize=True))
                await ws.send_str(pack(type="Metadata", duration=-1))


def results(words: Sequence[Spoken], first: int, end: int, *, bare: bool, **flags: bool) -> str:
    """A message about the frames from `first` to before `end`."""
    told = [
        {
            "word": text.strip(".,?").lower(),
            "start": frame * FRAME_S,
            "end": (frame + 2) * FRAME_S,
            "confidence": 0.9,
            "punctuated_word": text,
        }
        for text, frame in words
    ]
    best = {
        "transcript": " ".join(text for text, _ in words),
        "confidence": 0.9,
        "words": [] if bare else told,
    }
    return pack(
        type="Results",
        channel_index=[0, 1],
        start=first * FRAME_S,
        # Its numbers are of single precision.
        duration=float(np.float32((end - first) * FRAME_S)),
        channel={"alternatives": [best]},
        metadata={"request_id": "r"},
        **({"is_final": False, "speech_final": False} | flags),
    )


def pack(**message: Any) -> str:
    return json.dumps(message)
