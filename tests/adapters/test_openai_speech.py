import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
import pytest

from rtcserver.audio.format import Samples
from rtcserver.config import Tts
from rtcserver.errors import ServiceError, ServiceFailed, ServiceUnavailable
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord, Voice
from rtcserver.services.tts.openai_speech import OpenAiSynthesizer
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.openai_audio import OpenAiAudioStub
from tests.adapters.stubs.serving import client

THREE_CLAUSES = "One two three. Four five six. Seven eight nine."


@asynccontextmanager
async def synthesizer(stub: OpenAiAudioStub, **settings: Any) -> AsyncIterator[OpenAiSynthesizer]:
    async with nothing_left(), stub.running() as url, client() as http:
        yield OpenAiSynthesizer(http, url, Tts(**settings))
        await until(lambda: stub.busy == 0)
    assert counted("rtc_service_active", service="tts") == 0


@asynccontextmanager
async def opened(
    stub: OpenAiAudioStub, voice: str = "alloy", **settings: Any
) -> AsyncIterator[Voice]:
    async with synthesizer(stub, **settings) as voices:
        speaking = await voices.open(voice)
        try:
            yield speaking
        finally:
            await speaking.close()


async def say(voice: Voice, text: str) -> None:
    for word in text.split():
        await voice.say(f" {word}")


async def listen(voice: Voice, heard: list[Spoken] | None = None) -> list[Spoken]:
    heard = [] if heard is None else heard
    async with asyncio.timeout(5):
        async for spoken in voice.events():
            heard.append(spoken)
    return heard


def samples_of(heard: list[Spoken]) -> Samples:
    return np.concatenate([s.samples for s in heard if isinstance(s, SpokenAudio)])


async def test_a_reply_is_spoken_clause_by_clause_in_order() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub) as voice:
        await say(voice, THREE_CLAUSES)
        await voice.end()
        spoken = await listen(voice)
    samples = samples_of(spoken)
    clauses = ["One two three.", "Four five six.", "Seven eight nine."]
    assert [asked["input"] for asked in stub.asked] == clauses
    assert stub.asked[0] == {
        "model": "tiny",
        "input": "One two three.",
        "response_format": "pcm",
        "voice": "alloy",
    }
    lengths = [len(clause) * 960 for clause in clauses]
    assert samples.tolist() == np.repeat([1, 2, 3], lengths).tolist()
    assert stub.models_asked == 2  # to see that it is there, and to pick the model


async def test_words_are_placed_within_their_clauses() -> None:
    async with opened(OpenAiAudioStub()) as voice:
        await say(voice, THREE_CLAUSES)
        await voice.end()
        words = [s for s in await listen(voice) if isinstance(s, SpokenWord)]
    assert [word.text for word in words] == THREE_CLAUSES.split()
    assert words[0].start_s == 0.0
    assert words[3].start_s == pytest.approx(14 * 0.04, abs=0.001)
    assert words[6].start_s == pytest.approx(28 * 0.04, abs=0.001)
    assert words[-1].stop_s == pytest.approx(len(THREE_CLAUSES) * 0.04 - 0.08, abs=0.001)


async def test_the_first_clause_is_asked_for_before_the_last_word_is_known() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub) as voice:
        await say(voice, "Well then, my friend,")
        await until(lambda: len(stub.asked) == 1)
        async with asyncio.timeout(5):
            assert isinstance(await anext(voice.events()), SpokenAudio)


async def test_the_next_clause_is_asked_for_while_one_is_still_being_sent() -> None:
    stub = OpenAiAudioStub(fault=(Fault.SILENT, 0))
    async with opened(stub) as voice:
        listening = asyncio.create_task(listen(voice))
        await say(voice, THREE_CLAUSES)
        await until(lambda: stub.busy == 2)
        with suppress(TimeoutError):
            await until(lambda: stub.busy > 2, limit_s=0.3)
        assert (stub.busy, len(stub.asked)) == (2, 2)
        listening.cancel()


async def test_a_reply_that_nobody_reads_is_not_made_without_end() -> None:
    stub = OpenAiAudioStub(samples_per_char=100_000)
    async with opened(stub) as voice:
        await say(voice, THREE_CLAUSES * 3)
        await until(lambda: stub.busy == 2)
        with suppress(TimeoutError):
            await until(lambda: len(stub.asked) > 2, limit_s=0.3)
        assert len(stub.asked) == 2


async def test_nothing_to_say_costs_no_request() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub) as voice:
        await voice.end()
        assert await listen(voice) == []
    assert stub.asked == []


async def test_the_default_voice_is_the_servers_own_choice() -> None:
    stub = OpenAiAudioStub(models=None)
    async with opened(stub, voice="default", model="kokoro") as voice:
        await say(voice, "Hello.")
        await voice.end()
        await listen(voice)
    assert stub.asked == [{"model": "kokoro", "input": "Hello.", "response_format": "pcm"}]


async def test_another_rate_becomes_ours() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub, sample_rate_hz=48_000) as voice:
        await say(voice, "Hello there.")
        await voice.end()
        samples = samples_of(await listen(voice))
    assert len(samples) == pytest.approx(12 * 960 / 2, abs=2)


async def test_latency_and_speed_are_measured() -> None:
    series = ["rtc_tts_first_audio_seconds_count", "rtc_tts_realtime_factor_count"]
    before = [counted(name) for name in series]
    async with opened(OpenAiAudioStub()) as voice:
        await say(voice, "Hello there.")
        await voice.end()
        await listen(voice)
    assert [counted(name) for name in series] == [count + 1 for count in before]


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        (Fault.FULL, ServiceFailed, "no free worker"),
        (Fault.SLOW, ServiceFailed, r"not ready within 0\.5 s"),
        (Fault.HALF_DEAD, ServiceFailed, r"not ready within 0\.5 s"),
        (Fault.SILENT, ServiceFailed, r"no audio for 0\.5 s"),
        (Fault.CUT, ServiceFailed, "connection lost"),
        (Fault.GARBAGE, ServiceFailed, "no PCM"),
        (Fault.ERROR, ServiceFailed, "no PCM"),
    ],
)
async def test_a_fault_in_the_second_clause_fails_after_the_first(
    fault: Fault, kind: type[ServiceError], message: str
) -> None:
    stub = OpenAiAudioStub(fault=(fault, 1))
    heard: list[Spoken] = []
    async with opened(stub, audio_timeout_s=0.5) as voice:
        await say(voice, THREE_CLAUSES)
        await voice.end()
        with pytest.raises(kind, match=message):
            await listen(voice, heard)
        stub.mend()
    assert np.count_nonzero(samples_of(heard) == 1) == 14 * 960


async def test_a_lying_server_that_says_nothing_says_nothing() -> None:
    async with opened(OpenAiAudioStub(fault=(Fault.LYING, 0))) as voice:
        await say(voice, "Hello.")
        await voice.end()
        assert await listen(voice) == []


async def test_a_request_that_was_cut_before_its_answer_is_made_once_more() -> None:
    stub = OpenAiAudioStub(drops=1)
    async with opened(stub) as voice:
        await say(voice, "Hello.")
        await voice.end()
        assert len(samples_of(await listen(voice))) == 6 * 960


async def test_a_server_that_is_not_there_is_told_before_there_is_text() -> None:
    async with client() as http:
        with pytest.raises(ServiceUnavailable, match="cannot connect"):
            await OpenAiSynthesizer(http, "openai+http://127.0.0.1:9/v1", Tts()).open("alloy")
    async with synthesizer(OpenAiAudioStub(key="secret")) as voices:
        with pytest.raises(ServiceUnavailable, match=r"401.*tts\.api_key"):
            await voices.open("alloy")


async def test_closing_in_mid_speech_hangs_up_on_every_request() -> None:
    stub = OpenAiAudioStub(fault=(Fault.SILENT, 0))
    async with opened(stub) as voice:
        listening = asyncio.create_task(listen(voice))
        await say(voice, THREE_CLAUSES)
        await until(lambda: stub.busy == 2)
        async with asyncio.timeout(1):
            await voice.close()
            await voice.close()
        await until(lambda: stub.busy == 0)
        await listening


async def test_replies_cancelled_at_any_moment_leave_no_request() -> None:
    stub = OpenAiAudioStub(samples_per_char=100)
    async with synthesizer(stub) as voices:

        async def speak() -> None:
            voice = await voices.open("alloy")
            try:
                await say(voice, THREE_CLAUSES)
                await voice.end()
                await listen(voice)
            finally:
                await voice.close()

        for number in range(100):
            speaking = asyncio.create_task(speak())
            await asyncio.wait({speaking}, timeout=number * 0.0002)
            speaking.cancel()
            await asyncio.wait({speaking}, timeout=2)
            assert speaking.done()
        await until(lambda: stub.busy == 0)


async def test_one_that_refuses_in_mid_reply_is_asked_how_it_is_before_the_next() -> None:
    stub = OpenAiAudioStub()
    async with synthesizer(stub) as voices:
        speaking = await voices.open("alloy")
        stub.fault = (Fault.FULL, 0)
        await say(speaking, "One two three.")
        await speaking.end()
        with pytest.raises(ServiceFailed, match="no free worker"):
            await listen(speaking)
        await speaking.close()
        before = stub.models_asked
        await (await voices.open("alloy")).close()
        assert stub.models_asked == before + 1


async def test_what_is_refused_for_good_is_asked_once() -> None:
    stub = OpenAiAudioStub(refuses_speech=True)
    async with opened(stub) as voice:
        await say(voice, "One two three.")
        await voice.end()
        with pytest.raises(ServiceFailed, match="extra fields"):
            await listen(voice)
    assert len(stub.asked) == 1
