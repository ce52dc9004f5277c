"""An ear at whichever instance has room for it."""

from collections.abc import AsyncGenerator

from rtcserver.audio.format import Samples
from rtcserver.services.pool import Lease, Pool
from rtcserver.services.probing import probe
from rtcserver.services.stt.base import Transcriber, TranscriberFactory
from rtcserver.turns.hearing import Hearing


class PooledTranscribers:
    def __init__(self, pool: Pool[TranscriberFactory]) -> None:
        self._pool = pool

    async def open(self) -> Transcriber:
        return _LeasedTranscriber(await self._pool.lease(lambda factory: factory.open()))

    async def probe(self) -> float:
        return await probe(self._pool)


class _LeasedTranscriber:
    def __init__(self, lease: Lease[Transcriber]) -> None:
        self._lease, self._ear = lease, lease.opened

    async def send(self, frame: Samples) -> None:
        await self._ear.send(frame)

    async def flush(self, mark: int) -> None:
        await self._ear.flush(mark)

    def events(self) -> AsyncGenerator[Hearing, None]:
        return self._ear.events()

    async def close(self) -> None:
        try:
            await self._ear.close()
        finally:
            self._lease.give_back()
