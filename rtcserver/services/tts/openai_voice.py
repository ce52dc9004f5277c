"""One response being spoken clause by clause; the next clause is asked for while one sounds."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import aiohttp

from rtcserver.audio.alignment import Alignment
from rtcserver.audio.format import Samples
from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.metrics import SERVICE_ACTIVE
from rtcserver.services.connect import count_failure
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord
from rtcserver.services.tts.clause_queue import ClauseQueue
from rtcserver.services.tts.outlet import Outlet
from rtcserver.services.tts.pcm_chunks import PcmChunks
from rtcserver.services.tts.speed import Speed
from rtcserver.text.clauses import Clause

_CHUNK_BYTES = 8192  # 170 ms at 24 kHz
_SPOKEN = 256  # 44 s of audio; then the server has to wait
_REQUESTS = 2  # one being read and the one after it

_Asked = tuple[Clause, aiohttp.ClientResponse]


class OpenAiVoice:
    def __init__(
        self,
        speak: Callable[[str], Awaitable[aiohttp.ClientResponse]],
        rate_hz: int,
        audio_timeout_s: float,
    ) -> None:
        """`speak` asks for one clause, which comes as PCM of `rate_hz`."""
        self._ask, self._rate_hz, self._audio_timeout_s = speak, rate_hz, audio_timeout_s
        self._speed = Speed()
        self._words = ClauseQueue()
        self._asked: asyncio.Queue[_Asked | None] = asyncio.Queue(_REQUESTS)
        self._samples = 0
        self._room = asyncio.Semaphore(_REQUESTS)
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
        await self._outlet.close()

    async def _live(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._request(), name="tts request")
                await self._read()
        finally:
            while not self._asked.empty():
                self._end_of(self._asked.get_nowait())
            self._speed.report()

    async def _request(self) -> None:
        async with aclosing(self._words.clauses()) as clauses:
            async for clause in clauses:
                await self._room.acquire()
                answer = await self._answer(" ".join(clause))
                SERVICE_ACTIVE.labels("tts").inc()
                self._asked.put_nowait((clause, answer))
        await self._asked.put(None)

    async def _answer(self, text: str) -> aiohttp.ClientResponse:
        """One that refuses in the midst of a reply has broken it: another one may begin anew."""
        try:
            return await self._ask(text)
        except (ServiceBusy, ServiceUnavailable) as exc:
            raise ServiceFailed("tts", str(exc).removeprefix("tts: ")) from exc

    async def _read(self) -> None:
        while (asked := await self._asked.get()) is not None:
            try:
                await self._sound(*asked)
            except ServiceFailed as error:
                count_failure(error)
                raise
            finally:
                self._end_of(asked)

    async def _sound(self, clause: Clause, answer: aiohttp.ClientResponse) -> None:
        pcm, alignment = PcmChunks(self._rate_hz), Alignment(clause, self._samples)
        while chunk := await self._chunk(answer):
            await self._put(pcm.push(chunk), alignment)
        await self._put(pcm.end(), alignment)
        for word in alignment.times():
            await self._outlet.put(SpokenWord(*word))

    async def _chunk(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            async with asyncio.timeout(self._audio_timeout_s):
                return await answer.content.read(_CHUNK_BYTES)
        except TimeoutError:
            raise ServiceFailed("tts", f"no audio for {self._audio_timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceFailed("tts", f"connection lost: {exc}") from exc

    async def _put(self, samples: Samples, alignment: Alignment) -> None:
        if len(samples):
            self._samples += len(samples)
            self._speed.audio_came(samples)
            alignment.push(samples)
            await self._outlet.put(SpokenAudio(samples))

    def _end_of(self, asked: _Asked | None) -> None:
        """Read or not: the server stops its work when it is hung up on."""
        if asked is not None:
            asked[1].close()
            SERVICE_ACTIVE.labels("tts").dec()
            self._room.release()
