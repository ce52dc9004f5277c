"""A call whose recogniser goes away for good is heard by the next one."""

import asyncio
from contextlib import AsyncExitStack

import numpy as np

from rtcserver.audio.format import FRAME_TIME_SEC, Samples
from rtcserver.config import Stt
from rtcserver.errors import ServiceError
from rtcserver.services.pool import Instance, Pool
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.pooled import PooledTranscribers
from rtcserver.session.ear import Ear
from rtcserver.turns.hearing import Hearing, Word
from tests import virtual_time
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.leaks import until
from tests.adapters.stubs.serving import client

SOUND: Samples = np.full(1920, 3_000, np.int16)


async def call(first: KyutaiSttStub, second: KyutaiSttStub, frames: int) -> list[Hearing]:
    heard: list[Hearing] = []
    failures: list[ServiceError] = []
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(client())
        urls = [await stack.enter_async_context(stub.running()) for stub in (first, second)]
        instances = [
            Instance[TranscriberFactory](url, KyutaiTranscribers(http, url, Stt())) for url in urls
        ]
        pool = Pool[TranscriberFactory]("stt", lambda: [[one] for one in instances], 2.0)
        ear = Ear(PooledTranscribers(pool), heard.append, failures.append)
        running = asyncio.create_task(ear.run())
        for _ in range(frames):
            ear.listen(SOUND)
            await asyncio.sleep(FRAME_TIME_SEC)
        await until(lambda: any(isinstance(event, Word) for event in heard))
        running.cancel()
        await asyncio.wait({running})
    assert len(failures) == 1
    return heard


def test_the_next_instance_listens_when_the_first_does_not_come_back() -> None:
    first = KyutaiSttStub(slots=1, fault=(Fault.CUT, 5))
    second = KyutaiSttStub(word_for_sound="here")

    async def main() -> list[Hearing]:
        async with asyncio.TaskGroup() as tasks:
            calling = tasks.create_task(call(first, second, 60))
            await until(lambda: len(first.connections) == 1)
            first.slots = 0
        return calling.result()

    heard = virtual_time.run(main(), sockets=True)
    assert [event.text for event in heard if isinstance(event, Word)] == ["here"]
    assert (first.taken, second.taken) == (0, 0)
    assert len(second.connections) == 1
