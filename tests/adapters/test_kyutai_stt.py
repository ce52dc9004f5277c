import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest
from pydantic import SecretStr

from rtcserver.audio.format import Samples, silence
from rtcserver.config import Stt
from rtcserver.errors import ServiceBusy, ServiceUnavailable
from rtcserver.services.standing import Load
from rtcserver.services.stt.base import Transcriber
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.turns.hearing import Final, Hearing, Step, Word
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub, pack
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client

PAUSES = (0.1, 0.2, 0.3, 0.4)


def frame(value: int) -> Samples:
    return np.full(1920, value, np.int16)


@asynccontextmanager
async def factory(
    stub: KyutaiSttStub, timeout_s: float = 2.0, key: str = "public_token"
) -> AsyncIterator[KyutaiTranscribers]:
    async with nothing_left(), stub.running() as url, client() as http:
        settings = Stt(connect_timeout_s=timeout_s, api_key=SecretStr(key))
        yield KyutaiTranscribers(http, url, settings, jitter=lambda delay_s: delay_s / 10)
        stub.released.set()
        await until(lambda: stub.taken == 0)
    assert counted("rtc_service_active", service="stt") == 0


@asynccontextmanager
async def opened(stub: KyutaiSttStub) -> AsyncIterator[Transcriber]:
    async with factory(stub) as transcribers:
        ear = await transcribers.open()
        try:
            yield ear
        finally:
            await ear.close()


async def speak(ear: Transcriber, *frames: Samples) -> None:
    """As fast as they can be sent."""
    for one in frames:
        await ear.send(one)
        await asyncio.sleep(0)


def words(heard: list[Hearing]) -> list[tuple[str, float]]:
    return [(e.text, round(e.start_s, 3)) for e in heard if isinstance(e, Word)]


async def hear_until_final(ear: Transcriber, mark: int) -> list[Hearing]:
    heard = []
    async with asyncio.timeout(5), aclosing(ear.events()) as events:
        async for event in events:
            heard.append(event)
            if event == Final(mark):
                break
    return heard


async def test_words_and_steps_are_heard_and_a_marker_ends_them() -> None:
    stub = KyutaiSttStub(words=[("", 1), ("hello", 3), (" there ", 9)])
    async with opened(stub) as ear:
        await speak(ear, *(frame(k) for k in range(10)))
        await ear.flush(1)
        heard = await hear_until_final(ear, 1)
    assert words(heard) == [("hello", 0.24), ("there", 0.72)]
    assert heard.index(Word("there", 0.72)) < heard.index(Final(1))
    [connection] = stub.connections
    assert connection.markers == [1]
    assert [pcm[0] for pcm in connection.pcm[:10]] == [k / 32768 for k in range(10)]
    assert connection.pcm[10:] == [[0.0] * 1920] * 8


async def test_pause_scores_are_told_of_the_callers_audio_alone() -> None:
    async with opened(KyutaiSttStub()) as ear:
        await speak(ear, *[frame(3)] * 15)
        await ear.flush(1)
        heard = await hear_until_final(ear, 1)
    steps = [event for event in heard if isinstance(event, Step)]
    assert steps == [Step()] * 12 + [Step(PAUSES)] * 3 + [Step()] * 8


async def test_a_server_that_echoes_no_markers_is_flushed_by_counting_steps() -> None:
    stub = KyutaiSttStub(words=[("hello", 9)], module="py_batched_asr", answers_markers=False)
    async with opened(stub) as ear:
        await speak(ear, *[silence()] * 10)
        await ear.flush(5)
        heard = await hear_until_final(ear, 5)
    assert stub.connections[0].markers == []
    assert heard[-2:] == [Step(), Final(5)]
    assert words(heard) == [("hello", 0.72)]
    assert len([event for event in heard if isinstance(event, Step)]) == 18


async def test_a_server_without_modules_info_is_flushed_by_counting_steps() -> None:
    async with opened(KyutaiSttStub(module=None, answers_markers=False)) as ear:
        await ear.flush(1)
        assert len(await hear_until_final(ear, 1)) == 9


async def test_a_flush_is_answered_in_time_by_a_server_that_never_answers() -> None:
    stub = KyutaiSttStub(words=[("hello", 1)], answers_markers=False, steps=False)
    async with opened(stub) as ear:
        await speak(ear, *[silence()] * 8)
        await ear.flush(1)
        await ear.flush(2)
        assert await hear_until_final(ear, 2) == [Word("hello", 0.08), Final(1), Final(2)]


async def test_word_times_leave_out_the_silence_that_flushes_put_in() -> None:
    stub = KyutaiSttStub(words=[("one", 2), ("two", 30)])
    async with opened(stub) as ear:
        await speak(ear, *[silence()] * 4)
        await ear.flush(1)
        await hear_until_final(ear, 1)
        await speak(ear, *[silence()] * 30)
        await ear.flush(2)
        heard = await hear_until_final(ear, 2)
    assert words(heard) == [("two", 1.76)]


async def test_first_step_is_measured_once() -> None:
    before = counted("rtc_stt_first_step_seconds_count")
    async with opened(KyutaiSttStub()) as ear:
        await speak(ear, *[silence()] * 4)
        await ear.flush(1)
        await hear_until_final(ear, 1)
    assert counted("rtc_stt_first_step_seconds_count") == before + 1


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.GARBAGE, Fault.ERROR, Fault.GOODBYE])
async def test_a_lost_connection_is_made_anew(fault: Fault) -> None:
    stub = KyutaiSttStub(words=[("again", 2)], fault=(fault, 5))
    async with opened(stub) as ear:
        await speak(ear, *[silence()] * 5)
        await until(lambda: len(stub.connections) == 2)
        await speak(ear, *[silence()] * 5)
        await ear.flush(1)
        heard = await hear_until_final(ear, 1)
    assert words(heard) == [("again", 0.56)]


async def test_a_flush_in_flight_is_answered_when_the_connection_is_lost() -> None:
    stub = KyutaiSttStub(fault=(Fault.CUT, 7))
    async with opened(stub) as ear:
        await speak(ear, *[silence()] * 5)
        await ear.flush(1)
        async with asyncio.timeout(1):
            await hear_until_final(ear, 1)


async def test_audio_for_a_deaf_server_is_bounded_and_close_does_not_wait() -> None:
    before = counted("rtc_audio_dropped_total", queue="stt")
    stub = KyutaiSttStub(fault=(Fault.HALF_DEAD, 1))
    async with opened(stub) as ear:
        async with asyncio.timeout(10):
            while counted("rtc_audio_dropped_total", queue="stt") == before:
                await ear.send(frame(3))
        async with asyncio.timeout(0.5):
            await ear.close()


async def test_a_minute_of_audio_at_once_arrives_whole() -> None:
    before = counted("rtc_audio_dropped_total", queue="stt")
    stub = KyutaiSttStub()
    async with opened(stub) as ear:
        for k in range(750):
            await ear.send(frame(k))
        await until(lambda: len(stub.connections[0].pcm) == 750)
    assert counted("rtc_audio_dropped_total", queue="stt") == before


async def test_events_end_after_close_and_closing_twice_is_fine() -> None:
    async with opened(KyutaiSttStub()) as ear:
        await ear.close()
        await ear.close()
        async with asyncio.timeout(1):
            assert [event async for event in ear.events()] == []


async def test_a_server_that_does_not_come_back_is_given_up() -> None:
    stub = KyutaiSttStub(fault=(Fault.CUT, 1))
    async with opened(stub) as ear:
        stub.slots = 0
        await ear.send(silence())
        with pytest.raises(ServiceBusy, match="no free channels"):
            await hear_until_final(ear, 1)
        assert stub.dialled == 4


async def test_closing_while_it_reconnects_ends_it() -> None:
    stub = KyutaiSttStub(fault=(Fault.CUT, 1))
    async with opened(stub) as ear:
        stub.slots = 0
        await ear.send(silence())
        await until(lambda: stub.dialled >= 2)


async def test_load_tells_the_slots_and_how_far_the_server_is_behind() -> None:
    stub = KyutaiSttStub(slots=3, buffered_pcm=36_000)
    async with factory(stub) as transcribers:
        assert await transcribers.load() == Load(used=0, total=3)
        ear = await transcribers.open()
        await ear.send(silence())
        async with aclosing(ear.events()) as events:
            await anext(events)
        assert await transcribers.load() == Load(used=1, total=3, backlog_s=1.5)
        await ear.close()
        await until(lambda: stub.taken == 0)
        assert await transcribers.load() == Load(used=0, total=3)


async def test_full_means_busy() -> None:
    async with factory(KyutaiSttStub(slots=0)) as transcribers:
        with pytest.raises(ServiceBusy, match="no free channels"):
            await transcribers.open()


async def test_a_wrong_key_is_named() -> None:
    async with factory(KyutaiSttStub(), key="wrong") as transcribers:
        with pytest.raises(ServiceUnavailable, match=r"401.*stt\.api_key"):
            await transcribers.open()


async def test_a_server_that_does_not_become_ready_is_given_up() -> None:
    stub = KyutaiSttStub(ready_after_s=0.4)
    async with factory(stub, timeout_s=0.1) as transcribers:
        with pytest.raises(ServiceUnavailable, match=r"not ready within 0\.1 s"):
            await transcribers.open()


async def test_leftovers_of_the_slots_former_user_are_passed_over() -> None:
    stale = [pack(type="Word", text="old", start_time=1.0), pack(type="Audio", pcm=[0.5])] * 5
    async with opened(KyutaiSttStub(stale=stale)) as ear:
        await ear.flush(1)
        assert Final(1) in await hear_until_final(ear, 1)


async def test_nobody_there_is_unavailable() -> None:
    async with client() as http:
        transcribers = KyutaiTranscribers(http, "ws://127.0.0.1:9", Stt())
        with pytest.raises(ServiceUnavailable, match="cannot connect"):
            await transcribers.open()
        with pytest.raises(ServiceUnavailable, match="no health"):
            await transcribers.probe()


async def test_probe_takes_the_time() -> None:
    async with factory(KyutaiSttStub()) as transcribers:
        assert 0 < await transcribers.probe() < 1


async def test_opens_cancelled_at_any_moment_leave_no_slot_taken() -> None:
    stub = KyutaiSttStub(ready_after_s=0.002)
    moments = random.Random(7)
    async with factory(stub) as transcribers:

        async def open_and_close() -> None:
            ear = await transcribers.open()
            await ear.close()

        for _ in range(200):
            opening = asyncio.create_task(open_and_close())
            await asyncio.wait({opening}, timeout=moments.uniform(0, 0.012))
            opening.cancel()
            await asyncio.wait({opening}, timeout=2)
            assert opening.done()
        await until(lambda: stub.taken == 0)
        ears = [await transcribers.open() for _ in range(3)]
        for ear in ears:
            await ear.close()
