"""One caller's ear at a server that speaks Deepgram's live protocol."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from rtcserver import metrics
from rtcserver.audio.format import FRAME_TIME_SEC, Samples, seconds
from rtcserver.errors import ServiceError, ServiceFailed, first_cause
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import count_failure
from rtcserver.services.service_socket import ServiceSocket
from rtcserver.services.stt import deepgram_wire as wire
from rtcserver.services.stt.attention import Attention
from rtcserver.services.stt.flushes import Flushes
from rtcserver.services.stt.settled import Settled
from rtcserver.timer import Stopwatch
from rtcserver.turns.hearing import Final, Hearing, Step

_OUTGOING = 25  # 2 s of frames: older audio would only make the words later
_HEARD = 1024  # events; who does not read for minutes loses the oldest
_KEEP_ALIVE_S = 4.0  # it hangs up after 10 s without audio, and wants to hear of us every 3 to 5 s
_FINAL_LIMIT_S = 1.0  # three times what an answer takes; there is none where nothing was left to do
_CLOSE_LIMIT_S = 1.0
_FAREWELL_S = 0.05


class DeepgramTranscriber:
    """The loss of its connection ends it: the session opens another ear then, maybe elsewhere."""

    def __init__(self, socket: ServiceSocket) -> None:
        self._socket, self._settled = socket, Settled()
        self._outgoing: asyncio.Queue[Samples | int] = asyncio.Queue(_OUTGOING)
        self._heard: asyncio.Queue[Hearing | ServiceError | None] = asyncio.Queue(_HEARD)
        self._flushes = Flushes(answered=self._answered, late=self._give_up)
        self._messages_before: dict[int, int] = {}
        self._sent, self._since_audio = 0, Stopwatch()
        self._messages, self._attention = 0, Attention()
        self._measured = False
        self._task = asyncio.create_task(self._live(), name="stt")
        self._task.add_done_callback(lambda _: put_newest(self._heard, None))

    async def send(self, frame: Samples) -> None:
        try:
            async with asyncio.timeout(FRAME_TIME_SEC):
                await self._outgoing.put(frame)
        except TimeoutError:
            put_newest(self._outgoing, frame)
            metrics.AUDIO_DROPPED.labels("stt").inc()

    async def flush(self, mark: int) -> None:
        """`Final(mark)` comes within a second, whatever becomes of the server."""
        self._messages_before[mark] = self._messages
        self._flushes.ask(mark, _FINAL_LIMIT_S)
        put_newest(self._outgoing, mark)

    async def events(self) -> AsyncGenerator[Hearing, None]:
        while (event := await self._heard.get()) is not None:
            if isinstance(event, ServiceError):
                raise event
            yield event
        if not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        self._task.cancel()
        self._flushes.close()
        try:
            await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)
            with suppress(ServiceFailed, TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    await self._socket.send_text(wire.CLOSE_STREAM)
        finally:
            await self._socket.close()

    async def _live(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(), name="stt write")
                tasks.create_task(self._read(), name="stt read")
        except* ServiceFailed as lost:
            failure = first_cause(lost)
            count_failure(failure)
            await self._socket.close()
            self._flushes.answer_all()
            put_newest(self._heard, failure)

    async def _write(self) -> None:
        while True:
            match await self._next():
                case None:
                    await self._socket.send_text(wire.KEEP_ALIVE)
                case int() as mark:
                    self._settled.flush(mark, seconds(self._sent))
                    await self._socket.send_text(wire.FINALIZE)
                case frame:
                    if not self._sent:
                        self._since_audio = Stopwatch()
                    self._sent += len(frame)
                    await self._socket.send(wire.pcm(frame))
                    if self._attention.lost(self._messages, seconds(self._sent)):
                        raise ServiceFailed("stt", "connected, but does not listen")

    async def _next(self) -> Samples | int | None:
        """None if nothing comes for so long that it would hang up on us."""
        try:
            async with asyncio.timeout(_KEEP_ALIVE_S):
                return await self._outgoing.get()
        except TimeoutError:
            return None

    async def _read(self) -> None:
        while (raw := await self._socket.receive()) is not None:
            self._messages += 1
            try:
                message = wire.read(raw)
            except ValueError as exc:
                raise ServiceFailed("stt", f"garbage: {exc}") from exc
            match message:
                case wire.Failure(description, text):
                    raise ServiceFailed("stt", description or text)
                case wire.Results():
                    self._hear(message)
        raise ServiceFailed("stt", "the server hung up")

    def _hear(self, results: wire.Results) -> None:
        if not self._measured:
            self._measured = True
            metrics.STT_FIRST_STEP_SECONDS.observe(self._since_audio.elapsed())
        put_newest(self._heard, Step())
        for word in self._settled.take(results, seconds(self._sent)):
            put_newest(self._heard, word)
        for mark in self._settled.answered(results):
            self._flushes.answer(mark)

    def _give_up(self, mark: int) -> None:
        if self._messages == self._messages_before[mark]:
            self._attention.missed(self._messages, seconds(self._sent))
        for word in self._settled.give_up(mark):
            put_newest(self._heard, word)

    def _answered(self, mark: int) -> None:
        del self._messages_before[mark]
        put_newest(self._heard, Final(mark))
