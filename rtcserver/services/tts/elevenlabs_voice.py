"""One response being spoken by a server that speaks ElevenLabs' stream-input."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from rtcserver.audio.format import SAMPLE_RATE, Samples, seconds
from rtcserver.errors import ServiceFailed, first_cause
from rtcserver.services.connect import count_failure
from rtcserver.services.service_socket import ServiceSocket
from rtcserver.services.tts import elevenlabs_wire as wire
from rtcserver.services.tts.audio_limit import AudioLimit
from rtcserver.services.tts.base import Spoken, SpokenAudio
from rtcserver.services.tts.char_times import CharTimes
from rtcserver.services.tts.clause_queue import ClauseQueue
from rtcserver.services.tts.outlet import Outlet
from rtcserver.services.tts.pcm_chunks import PcmChunks
from rtcserver.services.tts.speed import Speed

# It speaks faster than the caller listens, and must be read all the while: a ping that waits
# behind unread audio loses the connection. Minutes of speech fit in here.
_SPOKEN = 2048


class ElevenLabsVoice:
    def __init__(self, socket: ServiceSocket, audio_timeout_s: float) -> None:
        self._socket, self._limit = socket, AudioLimit(audio_timeout_s)
        self._speed, self._times, self._pcm = Speed(), CharTimes(), PcmChunks(SAMPLE_RATE)
        self._words = ClauseQueue()
        self._samples = 0
        self._outlet = Outlet(self._live, _SPOKEN)

    async def say(self, word: str) -> None:
        if text := word.strip():
            self._speed.text_sent()
            await self._words.put(text)

    async def end(self) -> None:
        await self._words.put(None)

    def events(self) -> AsyncGenerator[Spoken, None]:
        return self._outlet.events()

    async def close(self) -> None:
        try:
            await self._outlet.close()
        finally:
            await self._socket.close()

    async def _live(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._dictate(), name="tts dictate")
                await self._read()
        except* ServiceFailed as errors:
            count_failure(first_cause(errors))
            raise
        finally:
            await self._socket.close()
            self._speed.report()

    async def _dictate(self) -> None:
        """From the end on audio must keep coming: a stalled server is given up."""
        async with aclosing(self._words.clauses()) as clauses:
            async for clause in clauses:
                await self._socket.send_text(wire.text(" ".join(clause)))
        self._limit.text_ended()
        await self._socket.send_text(wire.END)

    async def _read(self) -> None:
        final = False
        while not final and (raw := await self._limit.wait(self._socket.receive())) is not None:
            try:
                message = wire.read(raw)
            except ValueError as exc:
                raise ServiceFailed("tts", f"garbage: {exc}") from exc
            await self._take(message)
            final = bool(message.is_final)
        if not self._limit.text_is_over:
            raise ServiceFailed("tts", "hung up before the end of the text")
        for word in self._times.end():
            await self._outlet.put(word)
        await self._sound(self._pcm.end())

    async def _take(self, message: wire.Message) -> None:
        if (reason := message.failure) is not None:
            raise ServiceFailed("tts", reason)
        if (times := message.times) is not None:
            before_s = seconds(self._samples)
            starts_ms, durations_ms = times.char_start_times_ms, times.durations_ms
            for word in self._times.push(times.chars, starts_ms, durations_ms, before_s):
                await self._outlet.put(word)
        if message.audio:
            await self._sound(self._pcm.push(message.audio))

    async def _sound(self, samples: Samples) -> None:
        if len(samples):
            self._samples += len(samples)
            self._speed.audio_came(samples)
            self._limit.audio_came()
            await self._outlet.put(SpokenAudio(samples))
