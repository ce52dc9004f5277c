"""Slots of a Kyutai server are given back, whenever the one who leases them is cancelled."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import aiohttp
import pytest

from rtcserver.config import Stt, Tts
from rtcserver.services.pool import Instance, Pool
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.pooled import PooledTranscribers
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from rtcserver.services.tts.pooled import PooledSynthesizer
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client

SLOTS, CALLERS, LEASES_EACH = 5, 10, 100
LONGEST_S = 0.02  # connecting and becoming ready takes a fraction of it


class Closes(Protocol):
    async def close(self) -> None: ...


Open = Callable[[], Awaitable[Closes]]


def ears(http: aiohttp.ClientSession, url: str) -> Open:
    factory = KyutaiTranscribers(http, url, Stt())
    pool = Pool[TranscriberFactory]("stt", lambda: [[Instance("stub", factory)]], 2.0)
    return PooledTranscribers(pool).open


def voices(http: aiohttp.ClientSession, url: str) -> Open:
    factory = KyutaiSynthesizer(http, url, Tts())
    pooled = PooledSynthesizer(Pool[Synthesizer]("tts", lambda: [[Instance("stub", factory)]], 2.0))
    return lambda: pooled.open("v")


@asynccontextmanager
async def leasing(stub: KyutaiSttStub | KyutaiTtsStub) -> AsyncIterator[Open]:
    service = "stt" if isinstance(stub, KyutaiSttStub) else "tts"
    async with nothing_left(), stub.running() as url, client() as http:
        yield (ears if service == "stt" else voices)(http, url)
    assert counted("rtc_service_active", service=service) == 0
    assert counted("rtc_service_leases", service=service, instance="stub") == 0


@pytest.mark.parametrize("kind", [KyutaiSttStub, KyutaiTtsStub])
async def test_a_thousand_leases_cancelled_at_any_moment_leave_every_slot_free(
    kind: type[KyutaiSttStub | KyutaiTtsStub],
) -> None:
    stub = kind(slots=SLOTS, ready_after_s=0.002)
    dice, met = random.Random(5), Counter[str]()

    async def use(open_one: Open) -> None:
        stage = "connecting"
        try:
            lease = await open_one()
            stage = "ready"
            try:
                await asyncio.Event().wait()
            finally:
                await lease.close()
        finally:
            met[stage] += 1

    async def call_again_and_again(open_one: Open) -> None:
        for _ in range(LEASES_EACH):
            using = asyncio.create_task(use(open_one))
            await asyncio.wait({using}, timeout=dice.choice((0, dice.uniform(0, LONGEST_S))))
            using.cancel()
            await asyncio.wait({using}, timeout=5)
            met["over"] += using.done()

    async with leasing(stub) as open_one:
        async with asyncio.TaskGroup() as callers:
            for _ in range(CALLERS):
                callers.create_task(call_again_and_again(open_one))
        await until(lambda: stub.taken == 0)
        assert met["over"] == CALLERS * LEASES_EACH
        assert min(met["connecting"], met["ready"]) > 20
        everything = [await open_one() for _ in range(SLOTS)]
        assert stub.taken == SLOTS
        for lease in everything:
            await lease.close()
        await until(lambda: stub.taken == 0)
