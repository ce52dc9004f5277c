"""One response being spoken by a Kyutai TTS server."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np

from rtcserver.errors import ServiceFailed
from rtcserver.services import kyutai_wire as wire
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import count_failure
from rtcserver.services.kyutai_socket import KyutaiSocket
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord
from rtcserver.services.tts.speed import Speed

# It speaks faster than the caller listens, and must be read all the while: a ping that waits
# behind unread audio for 30 s loses the connection. Minutes of speech, some 8 MB, fit in here.
_SPOKEN = 2048
_CLOSE_LIMIT_S = 1.0


class KyutaiVoice:
    def __init__(self, socket: KyutaiSocket, audio_timeout_s: float) -> None:
        self._socket, self._audio_timeout_s = socket, audio_timeout_s
        self._speed = Speed()
        self._spoken: asyncio.Queue[Spoken | ServiceFailed | None] = asyncio.Queue(_SPOKEN)
        self._ended = False
        self._closed = False
        self._waiting: asyncio.Timeout | None = None
        self._task = asyncio.create_task(self._read(), name="tts read")
        self._task.add_done_callback(self._wake_if_broken)

    async def say(self, word: str) -> None:
        if text := word.strip():
            self._speed.text_sent()
            await self._socket.send(wire.pack_text(text))

    async def end(self) -> None:
        """From here on audio must keep coming: a stalled server is given up."""
        self._ended = True
        await self._socket.finish()
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time() + self._audio_timeout_s)

    async def events(self) -> AsyncGenerator[Spoken, None]:
        while not self._closed and (spoken := await self._spoken.get()) is not None:
            if isinstance(spoken, ServiceFailed):
                raise spoken
            yield spoken
        if self._task.done() and not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        self._closed = True
        self._task.cancel()
        put_newest(self._spoken, None)
        try:
            await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)
        finally:  # a task that is cancelled before its first step closes nothing
            await self._socket.close()

    async def _read(self) -> None:
        outcome: ServiceFailed | None = None
        try:
            while (raw := await self._receive()) is not None:
                if (spoken := self._take(raw)) is not None:
                    await self._spoken.put(spoken)
            if not self._ended:
                raise ServiceFailed("tts", "hung up before the end of the text")
        except ServiceFailed as failure:
            count_failure(failure)
            outcome = failure
        finally:
            await self._socket.close()
            self._speed.report()
        await self._spoken.put(outcome)

    async def _receive(self) -> bytes | None:
        limit_s = self._audio_timeout_s if self._ended else None
        try:
            async with asyncio.timeout(limit_s) as self._waiting:
                return await self._socket.receive()
        except TimeoutError:
            raise ServiceFailed("tts", f"no audio for {self._audio_timeout_s:g} s") from None
        finally:
            self._waiting = None

    def _take(self, raw: bytes) -> Spoken | None:
        try:
            message = wire.read_tts(raw)
        except ValueError as exc:
            raise ServiceFailed("tts", f"garbage: {exc}") from exc
        match message:
            case np.ndarray():
                self._speed.audio_came(message)
                return SpokenAudio(message)
            case wire.Text(text, start_s, stop_s) if text.strip():  # a stream begins with ""
                return SpokenWord(text, start_s, stop_s)
            case wire.Error(reason):
                raise ServiceFailed("tts", reason)
        return None

    def _wake_if_broken(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is not None:
            put_newest(self._spoken, None)
