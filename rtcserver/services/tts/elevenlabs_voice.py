"""One response being spoken by a server that speaks ElevenLabs' stream-input."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from rtcserver.audio.format import SAMPLE_RATE, Samples, seconds
from rtcserver.errors import ServiceError, ServiceFailed, first_cause
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import count_failure
from rtcserver.services.service_socket import ServiceSocket
from rtcserver.services.tts import elevenlabs_wire as wire
from rtcserver.services.tts.base import Spoken, SpokenAudio
from rtcserver.services.tts.char_times import CharTimes
from rtcserver.services.tts.clause_queue import ClauseQueue
from rtcserver.services.tts.pcm_chunks import PcmChunks
from rtcserver.services.tts.speed import Speed

# It speaks faster than the caller listens, and must be read all the while: a ping that waits
# behind unread audio loses the connection. Minutes of speech fit in here.
_SPOKEN = 2048
_CLOSE_LIMIT_S = 1.0


class ElevenLabsVoice:
    def __init__(self, socket: ServiceSocket, audio_timeout_s: float) -> None:
        self._socket, self._audio_timeout_s = socket, audio_timeout_s
        self._speed, self._times, self._pcm = Speed(), CharTimes(), PcmChunks(SAMPLE_RATE)
        self._words = ClauseQueue()
        self._spoken: asyncio.Queue[Spoken | ServiceError | None] = asyncio.Queue(_SPOKEN)
        self._samples = 0
        self._ended = False
        self._closed = False
        self._waiting: asyncio.Timeout | None = None
        self._task = asyncio.create_task(self._live(), name="tts")
        self._task.add_done_callback(self._wake_if_broken)

    async def say(self, word: str) -> None:
        if text := word.strip():
            self._speed.text_sent()
            await self._words.put(text)

    async def end(self) -> None:
        await self._words.put(None)

    async def events(self) -> AsyncGenerator[Spoken, None]:
        while not self._closed and (spoken := await self._spoken.get()) is not None:
            if isinstance(spoken, ServiceError):
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

    async def _live(self) -> None:
        outcome: ServiceError | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._dictate(), name="tts dictate")
                await self._read()
        except* ServiceFailed as errors:
            outcome = first_cause(errors)
            count_failure(outcome)
        finally:
            await self._socket.close()
            self._speed.report()
        await self._spoken.put(outcome)

    async def _dictate(self) -> None:
        """From the end on audio must keep coming: a stalled server is given up."""
        async with aclosing(self._words.clauses()) as clauses:
            async for clause in clauses:
                await self._socket.send_text(wire.text(" ".join(clause)))
        self._ended = True
        await self._socket.send_text(wire.END)
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time() + self._audio_timeout_s)

    async def _read(self) -> None:
        final = False
        while not final and (raw := await self._receive()) is not None:
            try:
                message = wire.read(raw)
            except ValueError as exc:
                raise ServiceFailed("tts", f"garbage: {exc}") from exc
            await self._take(message)
            final = bool(message.is_final)
        if not self._ended:
            raise ServiceFailed("tts", "hung up before the end of the text")
        for word in self._times.end():
            await self._spoken.put(word)
        await self._sound(self._pcm.end())

    async def _receive(self) -> bytes | str | None:
        limit_s = self._audio_timeout_s if self._ended else None
        try:
            async with asyncio.timeout(limit_s) as self._waiting:
                return await self._socket.receive()
        except TimeoutError:
            raise ServiceFailed("tts", f"no audio for {self._audio_timeout_s:g} s") from None
        finally:
            self._waiting = None

    async def _take(self, message: wire.Message) -> None:
        if (reason := message.failure) is not None:
            raise ServiceFailed("tts", reason)
        if (times := message.times) is not None:
            before_s = seconds(self._samples)
            starts_ms, durations_ms = times.char_start_times_ms, times.durations_ms
            for word in self._times.push(times.chars, starts_ms, durations_ms, before_s):
                await self._spoken.put(word)
        if message.audio:
            await self._sound(self._pcm.push(message.audio))

    async def _sound(self, samples: Samples) -> None:
        if len(samples):
            self._samples += len(samples)
            self._speed.audio_came(samples)
            await self._spoken.put(SpokenAudio(samples))

    def _wake_if_broken(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is not None:
            put_newest(self._spoken, None)
