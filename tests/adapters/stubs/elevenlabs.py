"""A stand-in for ElevenLabs' stream-input: so long a character, and its faults."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from aiohttp import WSMsgType, web

from tests.adapters.stubs.faults import LATE_S, Fault
from tests.adapters.stubs.leaks import until
from tests.adapters.stubs.serving import serving

CHAR_MS = 40
_CHAR_BYTES = 2 * 24 * CHAR_MS


@dataclass
class ElevenLabsStub:
    """Sound of generation k (from 1) has the value k; a message has `chunk_chars` characters of
    it, and ends within a sample."""

    chunk_chars: int = 5
    alignment: Literal["each", "first", "normalized", "none"] = "each"
    """Of each message, or all at once with the first of a generation, and which."""
    buffered_chars: int = 120
    """Without a flush nothing is spoken before there are so many."""
    ends_with_blank: bool = True
    """The times of a generation tell of the blank that ends its text."""
    tail_ms: int = 0
    """Silence after each generation that no alignment tells of."""
    slots: int = 2
    key: str = "public_token"
    fault: tuple[Fault, int] | None = None
    """Breaks in this way instead of making the generation of this number (from 0)."""
    goodbye: int = 1008
    """The code of a Close in mid-stream."""
    taken: int = 0
    voices: list[str] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    messages_sent: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def held(self) -> int:
        return self.taken

    def mend(self) -> None:
        self.fault = None
        self.released.set()

    def has_sent_more_than(self, messages: int) -> bool:
        return self.messages_sent > messages

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/v1/text-to-speech/{voice}/stream-input", self._stream)
        async with serving(app) as address:
            yield f"elevenlabs+ws://{address}"

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.voices.append(request.match_info["voice"])
        self.queries.append(dict(request.query))
        if request.headers.get("xi-api-key") != self.key:
            raise web.HTTPForbidden
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
        begun, waiting, made = False, "", 0
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                continue
            told = json.loads(message.data)
            self.texts.append(told)
            if not begun:
                assert told["text"] == " ", "the first text is a blank"
                begun = True
                continue
            waiting += told["text"]
            over = told["text"] == ""
            if waiting.strip() and (
                over or told.get("flush") or len(waiting) >= self.buffered_chars
            ):
                await self._speak(ws, request, waiting.strip(), made)
                waiting, made = "", made + 1
            if over and not self._has(Fault.SILENT):
                await ws.send_str(json.dumps({"audio": None, "isFinal": True}))
                await ws.close()

    async def _speak(
        self, ws: web.WebSocketResponse, request: web.Request, text: str, made: int
    ) -> None:
        if self.fault and made >= self.fault[1]:
            await self._break(self.fault[0], ws, request, text)
            return
        for message in self._generation(text, made + 1):
            await ws.send_str(message)
            self.messages_sent += 1

    def _generation(self, text: str, value: int) -> Iterator[str]:
        samples = np.full(len(text) * _CHAR_BYTES // 2, value, "<i2")
        pcm = samples.tobytes() + bytes(2 * 24 * self.tail_ms)
        at = 0
        for start in range(0, len(text), self.chunk_chars):
            stop = min(start + self.chunk_chars, len(text))
            # The last message has the rest; others end after half a sample.
            end = len(pcm) if stop == len(text) else stop * _CHAR_BYTES + 1
            yield chunk(pcm[at:end], **self._alignment(text, start, stop))
            at = end

    def _alignment(self, text: str, start: int, stop: int) -> dict[str, Any]:
        blank = " " * self.ends_with_blank
        whole, part = aligned(text + blank), aligned(text[start:stop] + blank * (stop == len(text)))
        match self.alignment:
            case "each":
                return {"alignment": part, "normalizedAlignment": part}
            case "first":
                return {"alignment": None if start else whole}
            case "normalized":
                return {"alignment": None, "normalizedAlignment": part}
        return {}

    def _has(self, fault: Fault) -> bool:
        return self.fault is not None and self.fault[0] is fault

    async def _break(
        self, fault: Fault, ws: web.WebSocketResponse, request: web.Request, text: str
    ) -> None:
        match fault:
            case Fault.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Fault.GARBAGE:
                await ws.send_str('{"audio": "this is no base64"}')
            case Fault.ERROR:
                why = {"message": "quota exceeded", "error": "quota_exceeded", "code": 1008}
                await ws.send_str(json.dumps(why))
                await ws.close(code=1008, message=b"quota exceeded")
            case Fault.GOODBYE:
                await ws.close(code=self.goodbye, message=b"something went wrong")
            case Fault.LYING:  # that it has said it
                times = aligned(text) | {"charStartTimesMs": [10**12] * len(text)}
                await ws.send_str(chunk(b"", alignment=times))
            case Fault.HALF_DEAD:
                assert request.transport is not None
                request.transport.pause_reading()
                await self.released.wait()
                request.transport.abort()


def aligned(text: str) -> dict[str, Any]:
    return {
        "chars": list(text),
        "charStartTimesMs": [k * CHAR_MS for k in range(len(text))],
        "charDurationsMs": [CHAR_MS] * len(text.rstrip()) + [0] * (len(text) - len(text.rstrip())),
    }


def chunk(pcm: bytes, **alignment: Any) -> str:
    audio = base64.b64encode(pcm).decode()
    return json.dumps({"audio": audio, "isFinal": None, **alignment})
