import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from rtcserver.audio.format import Samples, silence
from rtcserver.config import Stt
from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.services.stt.base import Transcriber
from rtcserver.services.stt.deepgram import DeepgramTranscribers
from rtcserver.turns.hearing import Final, Hearing, Step, Word
from tests.adapters.stubs.deepgram import DeepgramStub
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client
from tests.virtual_time import run


@asynccontextmanager
async def factory(
    stub: DeepgramStub, query: str = "", **settings: Any
) -> AsyncIterator[DeepgramTranscribers]:
    async with nothing_left(), stub.running() as url, client() as http:
        yield DeepgramTranscribers(http, url + query, Stt(**settings))
        stub.released.set()
        await until(lambda: stub.taken == 0)
    assert counted("rtc_service_active", service="stt") == 0


@asynccontextmanager
async def opened(stub: DeepgramStub) -> AsyncIterator[Transcriber]:
    async with factory(stub) as transcribers:
        ear = await transcribers.open()
        try:
            yield ear
        finally:
            await ear.close()


async def speak(ear: Transcriber, frames: int) -> None:
    """As fast as they can be sent."""
    for _ in range(frames):
        await ear.send(silence())
        await asyncio.sleep(0)


async def hear_until(ear: Transcriber, last: Hearing) -> list[Hearing]:
    heard: list[Hearing] = []
    async with asyncio.timeout(5), aclosing(ear.events()) as events:
        async for event in events:
            heard.append(event)
            if event == last:
                break
    return heard


def words(heard: list[Hearing]) -> list[tuple[str, float]]:
    return [(e.text, round(e.start_s, 3)) for e in heard if isinstance(e, Word)]


async def test_words_come_when_they_are_final_and_a_finalize_ends_them() -> None:
    stub = DeepgramStub(words=[("Hello,", 3), ("there.", 9)])
    async with opened(stub) as ear:
        await speak(ear, 12)
        await ear.flush(1)
        heard = await hear_until(ear, Final(1))
    assert words(heard) == [("Hello,", 0.24), ("there.", 0.72)]
    assert heard.count(Step()) == 3  # two interim results and the final one
    assert heard[-1] == Final(1)
    await until(lambda: stub.connections[0].controls[-1] == "CloseStream")
    assert stub.connections[0].controls == ["Finalize", "CloseStream"]


async def test_audio_goes_out_as_it_is() -> None:
    stub = DeepgramStub()
    sent: list[Samples] = [np.full(1920, value, np.int16) for value in (1, -2, 32767)]
    async with opened(stub) as ear:
        for frame in sent:
            await ear.send(frame)
        await until(lambda: len(stub.connections[0].pcm) == 3)
    assert stub.connections[0].pcm == [frame.astype("<i2").tobytes() for frame in sent]
    assert stub.queries == [
        {
            "model": "nova-3",
            "encoding": "linear16",
            "sample_rate": "24000",
            "channels": "1",
            "interim_results": "true",
            "punctuate": "true",
        }
    ]


async def test_settings_and_the_query_of_the_address_tell_it_what_to_do() -> None:
    stub = DeepgramStub(key="secret")
    settings = {"api_key": SecretStr("secret"), "model": "nova-2", "language": "de"}
    query = "?endpointing=300&punctuate=false"
    async with factory(stub, query, **settings) as transcribers:
        await (await transcribers.open()).close()
    [asked] = stub.queries
    assert [asked[k] for k in ("model", "language", "endpointing")] == ["nova-2", "de", "300"]
    assert asked["punctuate"] == "false"


async def test_words_that_became_final_at_a_pause_are_told_once() -> None:
    stub = DeepgramStub(words=[("one", 2), ("two", 8), ("three", 12)], final_every=5)
    async with opened(stub) as ear:
        await speak(ear, 14)
        await ear.flush(1)
        heard = await hear_until(ear, Final(1))
    assert words(heard) == [("one", 0.16), ("two", 0.64), ("three", 0.96)]


async def test_a_server_that_tells_no_words_but_a_text_is_understood() -> None:
    stub = DeepgramStub(words=[("hello", 2), ("there", 8)], bare=True)
    async with opened(stub) as ear:
        await speak(ear, 10)
        await ear.flush(1)
        assert words(await hear_until(ear, Final(1))) == [("hello", 0.0), ("there", 0.0)]


async def test_a_finalize_that_finds_nothing_to_do_is_answered_all_the_same() -> None:
    async with opened(DeepgramStub(words=[("hello", 2)])) as ear:
        await speak(ear, 10)
        await ear.flush(1)
        await ear.flush(2)
        heard = await hear_until(ear, Final(2))
    assert [e for e in heard if not isinstance(e, Step)] == [
        Word("hello", 0.16),
        Final(1),
        Final(2),
    ]


async def test_the_last_draft_counts_where_no_final_result_comes_in_time() -> None:
    stub = DeepgramStub(words=[("hello", 2)], answers_finalize=False, final_every=20)
    async with opened(stub) as ear:
        await speak(ear, 10)
        await ear.flush(1)
        assert words(await hear_until(ear, Final(1))) == [("HELLO", 0.16)]
        await speak(ear, 10)  # and now the final result comes, and repeats it
        await ear.flush(2)
        assert words(await hear_until(ear, Final(2))) == []


def test_it_is_kept_alive_while_there_is_no_audio() -> None:
    async def quiet() -> None:
        stub = DeepgramStub(words=[("hello", 2)])
        async with opened(stub) as ear:
            await asyncio.sleep(60)
            assert stub.connections[0].controls == ["KeepAlive"] * 14
            await speak(ear, 5)
            await ear.flush(1)
            assert words(await hear_until(ear, Final(1))) == [("hello", 0.16)]

    run(quiet(), sockets=True)


async def test_first_result_and_final_are_measured() -> None:
    series = ["rtc_stt_first_step_seconds_count", "rtc_stt_final_seconds_count"]
    before = [counted(name) for name in series]
    async with opened(DeepgramStub()) as ear:
        await speak(ear, 20)
        await ear.flush(1)
        await hear_until(ear, Final(1))
    assert [counted(name) for name in series] == [count + 1 for count in before]


LOST = [Fault.CUT, Fault.GARBAGE, Fault.ERROR, Fault.GOODBYE]


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_connection_ends_the_ear_once_its_flushes_are_answered(fault: Fault) -> None:
    async with opened(DeepgramStub(fault=(fault, 7))) as ear:
        await ear.flush(1)
        await speak(ear, 7)
        await hear_until(ear, Final(1))
        with pytest.raises(ServiceFailed):
            [event async for event in ear.events()]


def test_a_server_that_does_not_listen_any_more_is_left() -> None:
    async def deaf() -> None:
        async with opened(DeepgramStub(fault=(Fault.HALF_DEAD, 5))) as ear:
            await speak(ear, 5)
            await ear.flush(1)
            await hear_until(ear, Final(1))
            await speak(ear, 63)  # 5 s
            with pytest.raises(ServiceFailed, match="does not listen"):
                [event async for event in ear.events()]

    run(deaf(), sockets=True)


async def test_audio_for_a_deaf_server_is_bounded_and_close_does_not_wait() -> None:
    before = counted("rtc_audio_dropped_total", queue="stt")
    async with opened(DeepgramStub(fault=(Fault.HALF_DEAD, 1))) as ear:
        async with asyncio.timeout(10):
            while counted("rtc_audio_dropped_total", queue="stt") == before:
                await ear.send(silence())
        async with asyncio.timeout(0.5):
            await ear.close()


async def test_nonsense_about_time_costs_no_later_word() -> None:
    stub = DeepgramStub(words=[("hello", 9)], fault=(Fault.LYING, 3))
    async with opened(stub) as ear:
        await speak(ear, 12)
        await ear.flush(1)
        assert words(await hear_until(ear, Final(1))) == [("hello", 0.72)]


async def test_events_end_after_close_and_closing_twice_is_fine() -> None:
    async with opened(DeepgramStub()) as ear:
        await ear.close()
        await ear.close()
        async with asyncio.timeout(1):
            assert [event async for event in ear.events()] == []


async def test_full_means_busy() -> None:
    async with factory(DeepgramStub(slots=0)) as transcribers:
        with pytest.raises(ServiceBusy, match="429"):
            await transcribers.open()


async def test_a_wrong_key_is_named() -> None:
    async with factory(DeepgramStub(key="other")) as transcribers:
        with pytest.raises(ServiceUnavailable, match=r"401.*stt\.api_key"):
            await transcribers.open()
        with pytest.raises(ServiceUnavailable, match=r"401.*stt\.api_key"):
            await transcribers.probe()


async def test_a_server_that_takes_too_long_is_given_up() -> None:
    stub = DeepgramStub(fault=(Fault.SLOW, 0))
    async with factory(stub, connect_timeout_s=0.1) as transcribers:
        with pytest.raises(ServiceUnavailable):
            await transcribers.open()
        with pytest.raises(ServiceUnavailable):
            await transcribers.probe()


async def test_nobody_there_is_unavailable() -> None:
    async with client() as http:
        transcribers = DeepgramTranscribers(http, "deepgram+ws://127.0.0.1:9", Stt())
        with pytest.raises(ServiceUnavailable, match="cannot connect"):
            await transcribers.open()


async def test_probe_takes_the_time() -> None:
    async with factory(DeepgramStub()) as transcribers:
        assert 0 < await transcribers.probe() < 1


async def test_opens_cancelled_at_any_moment_leave_no_slot_taken() -> None:
    stub = DeepgramStub()
    moments = random.Random(7)
    async with factory(stub) as transcribers:

        async def open_and_close() -> None:
            ear = await transcribers.open()
            await ear.send(silence())
            await ear.close()

        for _ in range(200):
            opening = asyncio.create_task(open_and_close())
            await asyncio.wait({opening}, timeout=moments.uniform(0, 0.008))
            opening.cancel()
            await asyncio.wait({opening}, timeout=2)
            assert opening.done()
        await until(lambda: stub.taken == 0)
        ears = [await transcribers.open() for _ in range(3)]
        for ear in ears:
            await ear.close()
