"""Slots of a server are given back, whenever the one who leases them is cancelled."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import aiohttp
import pytest

from rtcserver.config import Stt, Tts
from rtcserver.services.pool import Instance, Pool
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.stt.deepgram import DeepgramTranscribers
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.pooled import PooledTranscribers
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.tts.elevenlabs import ElevenLabsSynthesizer
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from rtcserver.services.tts.pooled import PooledSynthesizer
from tests.adapters.stubs.deepgram import DeepgramStub
from tests.adapters.stubs.elevenlabs import ElevenLabsStub
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client

SLOTS, CALLERS, LEASES_EACH = 5, 10, 100
MOMENTS_S = (0.0, 0.02, 0.1)  # becoming ready takes some 5 ms, on a busy machine ten times that


class Closes(Protocol):
    async def close(self) -> None: ...


class Server(Protocol):
    """A stub that counts the slots that are taken."""

    taken: int

    def running(self) -> AbstractAsyncContextManager[str]: ...


Open = Callable[[], Awaitable[Closes]]
Opener = Callable[[aiohttp.ClientSession, str], Open]


def ears(adapter: Callable[[aiohttp.ClientSession, str, Stt], TranscriberFactory]) -> Opener:
    def opener(http: aiohttp.ClientSession, url: str) -> Open:
        instance = Instance("stub", adapter(http, url, Stt()))
        return PooledTranscribers(Pool("stt", lambda: [[instance]], 2.0)).open

    return opener


def voices(adapter: Callable[[aiohttp.ClientSession, str, Tts], Synthesizer]) -> Opener:
    def opener(http: aiohttp.ClientSession, url: str) -> Open:
        instance = Instance("stub", adapter(http, url, Tts()))
        pooled = PooledSynthesizer(Pool("tts", lambda: [[instance]], 2.0))
        return lambda: pooled.open("v")

    return opener


@asynccontextmanager
async def leasing(stub: Server, opener: Opener) -> AsyncIterator[Open]:
    async with nothing_left(), stub.running() as url, client() as http:
        yield opener(http, url)
    for service in ("stt", "tts"):
        assert counted("rtc_service_active", service=service) == 0
        assert counted("rtc_service_leases", service=service, instance="stub") == 0


@pytest.mark.parametrize(
    ("stub", "opener"),
    [
        (KyutaiSttStub(slots=SLOTS, ready_after_s=0.002), ears(KyutaiTranscribers)),
        (KyutaiTtsStub(slots=SLOTS, ready_after_s=0.002), voices(KyutaiSynthesizer)),
        (DeepgramStub(slots=SLOTS), ears(DeepgramTranscribers)),
        (ElevenLabsStub(slots=SLOTS), voices(ElevenLabsSynthesizer)),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_thousand_leases_cancelled_at_any_moment_leave_every_slot_free(
    stub: Server, opener: Opener
) -> None:
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
            await asyncio.wait({using}, timeout=dice.uniform(0, dice.choice(MOMENTS_S)))
            using.cancel()
            await asyncio.wait({using}, timeout=5)
            met["over"] += using.done()

    async with leasing(stub, opener) as open_one:
        async with asyncio.TaskGroup() as callers:
            for _ in range(CALLERS):
                callers.create_task(call_again_and_again(open_one))
        await until(lambda: stub.taken == 0)
        assert met["over"] == CALLERS * LEASES_EACH
        assert min(met["connecting"], met["ready"]) > 10
        everything = [await open_one() for _ in range(SLOTS)]
        assert stub.taken == SLOTS
        for lease in everything:
            await lease.close()
        await until(lambda: stub.taken == 0)
