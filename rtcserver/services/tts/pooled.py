"""A voice at whichever instance has room for it."""

from collections.abc import AsyncGenerator

from rtcserver.services.pool import Lease, Pool
from rtcserver.services.probing import probe
from rtcserver.services.tts.base import Spoken, Synthesizer, Voice


class PooledSynthesizer:
    def __init__(self, pool: Pool[Synthesizer]) -> None:
        self._pool = pool

    async def open(self, voice: str) -> Voice:
        return _LeasedVoice(await self._pool.lease(lambda instance: instance.open(voice)))

    async def probe(self) -> float:
        return await probe(self._pool)


class _LeasedVoice:
    def __init__(self, lease: Lease[Voice]) -> None:
        self._lease, self._voice = lease, lease.opened

    async def say(self, word: str) -> None:
        await self._voice.say(word)

    async def end(self) -> None:
        await self._voice.end()

    def events(self) -> AsyncGenerator[Spoken, None]:
        return self._voice.events()

    async def close(self) -> None:
        try:
            await self._voice.close()
        finally:
            self._lease.give_back()
