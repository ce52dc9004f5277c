import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from rtcserver.audio.format import Samples
from rtcserver.config import Tts
from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord, Voice
from rtcserver.services.tts.elevenlabs import ElevenLabsSynthesizer
from tests.adapters.stubs.elevenlabs import ElevenLabsStub
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client

TWO_CLAUSES = "One two three. Four five six."
WORDS = [("One", 0.0, 0.12), ("two", 0.16, 0.28), ("three.", 0.32, 0.56)]
MORE_WORDS = [("Four", 0.56, 0.72), ("five", 0.76, 0.92), ("six.", 0.96, 1.12)]


@asynccontextmanager
async def synthesizer(
    stub: ElevenLabsStub, query: str = "", **settings: Any
) -> AsyncIterator[ElevenLabsSynthesizer]:
    async with nothing_left(), stub.running() as url, client() as http:
        yield ElevenLabsSynthesizer(http, url + query, Tts(**settings))
        stub.released.set()
        await until(lambda: stub.taken == 0)
    assert counted("rtc_service_active", service="tts") == 0


@asynccontextmanager
async def opened(stub: ElevenLabsStub, **settings: Any) -> AsyncIterator[Voice]:
    async with synthesizer(stub, **settings) as voices:
        voice = await voices.open("Alice1")
        try:
            yield voice
        finally:
            await voice.close()


async def say(voice: Voice, text: str) -> None:
    for word in text.split():
        await voice.say(f" {word}")


async def listen(voice: Voice, heard: list[Spoken] | None = None) -> list[Spoken]:
    """To the end; `heard` gets what was spoken even if it raises."""
    heard = [] if heard is None else heard
    async with asyncio.timeout(5):
        async for spoken in voice.events():
            heard.append(spoken)
    return heard


async def spoken_by(stub: ElevenLabsStub, text: str) -> list[Spoken]:
    async with opened(stub) as voice:
        await say(voice, text)
        await voice.end()
        return await listen(voice)


def samples_of(heard: list[Spoken]) -> Samples:
    return np.concatenate([s.samples for s in heard if isinstance(s, SpokenAudio)])


def words_of(heard: list[Spoken]) -> list[tuple[str, float, float]]:
    words = [word for word in heard if isinstance(word, SpokenWord)]
    return [(w.text, round(w.start_s, 3), round(w.stop_s, 3)) for w in words]


async def test_a_reply_is_spoken_by_clauses_with_the_times_of_its_words() -> None:
    stub = ElevenLabsStub()
    heard = await spoken_by(stub, TWO_CLAUSES)
    assert words_of(heard) == WORDS + MORE_WORDS
    assert samples_of(heard).tolist() == [1] * 14 * 960 + [2] * 14 * 960
    assert stub.texts == [
        {"text": " "},
        {"text": "One two three. ", "flush": True},
        {"text": "Four five six. ", "flush": True},
        {"text": ""},
    ]


async def test_voice_and_format_are_asked_for_and_the_query_of_the_address_has_the_last_word() -> (
    None
):
    stub = ElevenLabsStub(key="secret")
    settings = {"api_key": SecretStr("secret"), "model": "eleven_v9"}
    async with synthesizer(stub, "?seed=7&inactivity_timeout=60", **settings) as voices:
        await (await voices.open("Alice1")).close()
        await (await voices.open("default")).close()
    assert stub.voices == ["Alice1", "JBFqnCBsd6RMkjVDRZzb"]
    assert stub.queries[0] == {
        "model_id": "eleven_v9",
        "output_format": "pcm_24000",
        "inactivity_timeout": "60",
        "sync_alignment": "true",
        "seed": "7",
    }


@pytest.mark.parametrize("alignment", ["first", "normalized"])
async def test_times_may_come_all_at_once_or_only_as_it_is_pronounced(alignment: Any) -> None:
    heard = await spoken_by(ElevenLabsStub(alignment=alignment), TWO_CLAUSES)
    assert words_of(heard) == WORDS + MORE_WORDS


async def test_a_last_word_that_no_blank_follows_is_a_word() -> None:
    heard = await spoken_by(ElevenLabsStub(ends_with_blank=False), "One two three.")
    assert words_of(heard) == WORDS


async def test_silence_that_no_time_tells_of_moves_the_words_after_it() -> None:
    heard = await spoken_by(ElevenLabsStub(tail_ms=300), TWO_CLAUSES)
    moved = [(word, round(a + 0.3, 3), round(b + 0.3, 3)) for word, a, b in MORE_WORDS]
    assert words_of(heard) == WORDS + moved


async def test_a_server_that_tells_no_times_is_heard_all_the_same() -> None:
    heard = await spoken_by(ElevenLabsStub(alignment="none"), TWO_CLAUSES)
    assert words_of(heard) == []
    assert len(samples_of(heard)) == 28 * 960


async def test_the_first_clause_is_spoken_before_the_last_word_is_known() -> None:
    async with opened(ElevenLabsStub()) as voice:
        await say(voice, "One two three. Four")
        async with asyncio.timeout(5):
            first = await anext(aiter(voice.events()))
        assert isinstance(first, SpokenWord | SpokenAudio)


async def test_nothing_to_say_is_said_at_once() -> None:
    assert await spoken_by(ElevenLabsStub(), "") == []


async def test_latency_and_speed_are_measured_at_the_socket() -> None:
    series = ["rtc_tts_first_audio_seconds_count", "rtc_tts_realtime_factor_count"]
    before = [counted(name) for name in series]
    seconds = counted("rtc_tts_audio_seconds_total")
    await spoken_by(ElevenLabsStub(), "Hello there.")
    assert [counted(name) for name in series] == [count + 1 for count in before]
    assert counted("rtc_tts_audio_seconds_total") == pytest.approx(seconds + 0.48)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.CUT, "connection lost"),
        (Fault.GARBAGE, "garbage"),
        (Fault.ERROR, "quota exceeded"),
        (Fault.GOODBYE, "code 1008 something went wrong"),
    ],
)
async def test_breaking_in_mid_stream_fails_after_what_was_spoken(
    fault: Fault, message: str
) -> None:
    heard: list[Spoken] = []
    async with opened(ElevenLabsStub(fault=(fault, 1))) as voice:
        await say(voice, TWO_CLAUSES)
        with pytest.raises(ServiceFailed, match=message):
            await listen(voice, heard)
    assert samples_of(heard).tolist() == [1] * 14 * 960


async def test_times_that_cannot_be_are_not_believed() -> None:
    async with opened(ElevenLabsStub(fault=(Fault.LYING, 1))) as voice:
        await say(voice, TWO_CLAUSES)
        await voice.end()
        assert words_of(await listen(voice)) == WORDS


async def test_a_server_that_falls_silent_after_the_end_is_given_up() -> None:
    heard: list[Spoken] = []
    stub = ElevenLabsStub(fault=(Fault.SILENT, 1))
    async with opened(stub, audio_timeout_s=0.1) as voice:
        listening = asyncio.create_task(listen(voice, heard))
        await say(voice, TWO_CLAUSES)
        await until(lambda: len(heard) > 3)
        await voice.end()
        with pytest.raises(ServiceFailed, match=r"no audio for 0\.1 s"):
            await listening


async def test_a_server_that_falls_silent_in_the_last_clause_is_given_up() -> None:
    stub = ElevenLabsStub(fault=(Fault.SILENT, 9))  # it speaks, but does not come to its end
    async with opened(stub, audio_timeout_s=0.1) as voice:
        await say(voice, TWO_CLAUSES)
        await voice.end()
        with pytest.raises(ServiceFailed, match=r"no audio for 0\.1 s"):
            await listen(voice)


async def test_hanging_up_in_good_order_before_the_end_of_the_text_is_a_failure() -> None:
    async with opened(ElevenLabsStub(fault=(Fault.GOODBYE, 0), goodbye=1000)) as voice:
        await say(voice, "One two three. Four")
        with pytest.raises(ServiceFailed, match="before the end of the text"):
            await listen(voice)


async def test_closing_in_mid_speech_frees_the_slot_at_once() -> None:
    stub = ElevenLabsStub(chunk_chars=1)
    async with opened(stub) as voice:
        listening = asyncio.create_task(listen(voice))
        for _ in range(30):
            await say(voice, "This is a rather long sentence, which goes on and on.")
        await until(lambda: stub.messages_sent > 100)
        async with asyncio.timeout(0.5):
            await voice.close()
        await voice.close()
        await until(lambda: stub.taken == 0, limit_s=0.5)
        await listening


async def test_unread_speech_is_bounded() -> None:
    stub = ElevenLabsStub(chunk_chars=1, alignment="none")
    async with opened(stub) as voice:
        for _ in range(200):
            await say(voice, "This is a rather long sentence, which goes on and on.")
        most = 200 * 53
        with suppress(TimeoutError):
            while stub.messages_sent < most:
                await until(partial(stub.has_sent_more_than, stub.messages_sent), limit_s=0.3)
        assert 2048 <= stub.messages_sent < most


async def test_full_means_busy() -> None:
    async with synthesizer(ElevenLabsStub(slots=1)) as voices:
        first = await voices.open("v")
        with pytest.raises(ServiceBusy, match="429"):
            await voices.open("v")
        await first.close()


async def test_a_wrong_key_is_named() -> None:
    async with synthesizer(ElevenLabsStub(key="other")) as voices:
        with pytest.raises(ServiceUnavailable, match=r"403.*tts\.api_key"):
            await voices.open("v")


@pytest.mark.parametrize("voice", ["../../v1/voices", "en/alice b.wav", "é", "x" * 65])
async def test_a_voice_that_is_no_id_never_becomes_a_path(voice: str) -> None:
    stub = ElevenLabsStub()
    async with synthesizer(stub) as voices:
        with pytest.raises(ServiceFailed, match=r"session\.voice"):
            await voices.open(voice)
    assert stub.voices == []


async def test_a_server_that_takes_too_long_is_given_up() -> None:
    stub = ElevenLabsStub(fault=(Fault.SLOW, 0))
    async with synthesizer(stub, connect_timeout_s=0.1) as voices:
        with pytest.raises(ServiceUnavailable):
            await voices.open("v")
        with pytest.raises(ServiceUnavailable):
            await voices.probe()


async def test_probe_takes_the_time() -> None:
    async with synthesizer(ElevenLabsStub()) as voices:
        assert 0 < await voices.probe() < 1


async def test_opens_cancelled_at_any_moment_leave_no_slot_taken() -> None:
    stub = ElevenLabsStub(slots=3)
    moments = random.Random(11)
    async with synthesizer(stub) as voices:

        async def speak() -> None:
            voice = await voices.open("v")
            try:
                await say(voice, TWO_CLAUSES)
                await voice.end()
                await listen(voice)
            finally:
                await voice.close()

        for _ in range(200):
            speaking = asyncio.create_task(speak())
            await asyncio.wait({speaking}, timeout=moments.uniform(0, 0.012))
            speaking.cancel()
            await asyncio.wait({speaking}, timeout=2)
            assert speaking.done()
        await until(lambda: stub.taken == 0)
        opened_now = [await voices.open("v") for _ in range(3)]
        for voice in opened_now:
            await voice.close()
