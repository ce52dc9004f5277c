import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from rtcserver.config import Tts
from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord, Voice
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub, pack
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client


@asynccontextmanager
async def synthesizer(
    stub: KyutaiTtsStub, timeout_s: float = 2.0, audio_timeout_s: float = 5.0
) -> AsyncIterator[KyutaiSynthesizer]:
    async with nothing_left(), stub.running() as url, client() as http:
        settings = Tts(connect_timeout_s=timeout_s, audio_timeout_s=audio_timeout_s)
        yield KyutaiSynthesizer(http, url, settings)
        await until(lambda: stub.taken == 0)
    assert counted("rtc_service_active", service="tts") == 0


@asynccontextmanager
async def opened(stub: KyutaiTtsStub, audio_timeout_s: float = 5.0) -> AsyncIterator[Voice]:
    async with synthesizer(stub, audio_timeout_s=audio_timeout_s) as voices:
        voice = await voices.open("en/alice b.wav")
        try:
            yield voice
        finally:
            await voice.close()


async def listen(voice: Voice, heard: list[Spoken] | None = None) -> list[Spoken]:
    """To the end; `heard` gets what was spoken even if it raises."""
    heard = [] if heard is None else heard
    async with asyncio.timeout(5):
        async for spoken in voice.events():
            heard.append(spoken)
    return heard


async def frames_sent_until_stalled(stub: KyutaiTtsStub, most: int) -> int:
    with suppress(TimeoutError):
        while stub.frames_sent < most:
            await until(partial(stub.has_sent_more_than, stub.frames_sent), limit_s=0.3)
    return stub.frames_sent


async def test_words_are_spoken_with_their_times_and_it_ends_by_itself() -> None:
    stub = KyutaiTtsStub()
    async with opened(stub) as voice:
        for word in ["Hello", " there", " ", " you."]:
            await voice.say(word)
        await voice.end()
        spoken = await listen(voice)
    assert [s for s in spoken if isinstance(s, SpokenWord)] == [
        SpokenWord("Hello", 0.0, pytest.approx(0.24)),  # type: ignore[arg-type]
        SpokenWord("there", pytest.approx(0.24), pytest.approx(0.48)),  # type: ignore[arg-type]
        SpokenWord("you.", pytest.approx(0.48), pytest.approx(0.72)),  # type: ignore[arg-type]
    ]
    chunks = [s.samples for s in spoken if isinstance(s, SpokenAudio)]
    assert [(c.dtype.name, len(c)) for c in chunks] == [("int16", 1920)] * 9
    assert [int(c[0]) for c in chunks[::3]] == [328, 655, 983]
    assert stub.said == ["Hello", "there", "you."]
    assert stub.queries == [{"voice": "en/alice b.wav", "format": "PcmMessagePack"}]
    assert stub.keys == ["public_token"]


async def test_the_first_word_is_spoken_before_the_last_is_known() -> None:
    async with opened(KyutaiTtsStub()) as voice:
        await voice.say("Hello")
        await voice.say(" there")
        async with asyncio.timeout(5):
            assert await anext(aiter(voice.events())) == SpokenWord("Hello", 0.0, 0.24)


async def test_every_stream_gets_one_eos_however_it_ends() -> None:
    stub = KyutaiTtsStub()
    async with synthesizer(stub) as voices:
        said = await voices.open("v")
        await said.say("hello")
        await said.end()
        await listen(said)
        await said.close()
        assert stub.ended == 1
        cut_off = await voices.open("v")
        await cut_off.say("hello")
        await cut_off.close()
        await until(lambda: stub.ended == 2)
        unused = await voices.open("v")
        await unused.close()
        await until(lambda: stub.ended == 3)


async def test_nothing_to_say_is_said_at_once() -> None:
    async with opened(KyutaiTtsStub()) as voice:
        await voice.end()
        assert await listen(voice) == []


async def test_latency_and_speed_are_measured_at_the_socket() -> None:
    series = ["rtc_tts_first_audio_seconds_count", "rtc_tts_realtime_factor_count"]
    before = [counted(name) for name in series]
    seconds = counted("rtc_tts_audio_seconds_total")
    async with opened(KyutaiTtsStub()) as voice:
        await voice.say("Hello")
        await voice.end()
        await listen(voice)
    assert [counted(name) for name in series] == [count + 1 for count in before]
    assert counted("rtc_tts_audio_seconds_total") == pytest.approx(seconds + 0.24)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.CUT, "connection lost"),
        (Fault.GARBAGE, "garbage"),
        (Fault.ERROR, "out of memory"),
        (Fault.GOODBYE, "code 1011"),
    ],
)
async def test_breaking_in_mid_stream_fails_after_what_was_spoken(
    fault: Fault, message: str
) -> None:
    spoken: list[Spoken] = []
    async with opened(KyutaiTtsStub(fault=(fault, 1))) as voice:
        for word in ["one", "two", "three"]:
            await voice.say(word)
        with pytest.raises(ServiceFailed, match=message):
            await listen(voice, spoken)
    assert len(spoken) == 4


async def test_a_server_that_falls_silent_after_the_end_is_given_up() -> None:
    heard: list[Spoken] = []
    async with opened(KyutaiTtsStub(fault=(Fault.SILENT, 1)), audio_timeout_s=0.1) as voice:
        listening = asyncio.create_task(listen(voice, heard))
        await voice.say("hello")
        await voice.say("there")
        await until(lambda: len(heard) == 4)
        await voice.end()
        with pytest.raises(ServiceFailed, match=r"no audio for 0\.1 s"):
            await listening


async def test_hanging_up_before_the_end_of_the_text_is_a_failure() -> None:
    stub = KyutaiTtsStub(fault=(Fault.GOODBYE, 0))
    async with opened(stub) as voice:
        await voice.say("one")
        await voice.say("two")
        with pytest.raises(ServiceFailed):
            await listen(voice)
        with pytest.raises(ServiceFailed):
            await voice.say("three")


async def test_closing_in_mid_speech_frees_the_slot_at_once() -> None:
    stub = KyutaiTtsStub(frames_per_word=200)
    async with opened(stub) as voice:
        listening = asyncio.create_task(listen(voice))
        for _ in range(30):
            await voice.say("long")
        await until(lambda: stub.frames_sent > 100)
        async with asyncio.timeout(0.5):
            await voice.close()
        await voice.close()
        await until(lambda: stub.taken == 0, limit_s=0.5)
        await listening


async def test_unread_speech_is_bounded() -> None:
    stub = KyutaiTtsStub(frames_per_word=1000)
    async with opened(stub) as voice:
        for _ in range(20):
            await voice.say("long")
        assert 2048 <= await frames_sent_until_stalled(stub, most=10_000) < 10_000


async def test_full_means_busy() -> None:
    async with synthesizer(KyutaiTtsStub(slots=1)) as voices:
        first = await voices.open("v")
        with pytest.raises(ServiceBusy, match="no free channels"):
            await voices.open("v")
        await first.close()


async def test_leftovers_of_the_slots_former_user_are_passed_over() -> None:
    stale = [pack(type="Audio", pcm=[0.5] * 1920), pack(type="Text", text="old", start_s=1.0)] * 5
    async with opened(KyutaiTtsStub(stale=stale)) as voice:
        await voice.say("new")
        await voice.end()
        assert len(await listen(voice)) == 4


async def test_a_server_that_does_not_become_ready_is_given_up() -> None:
    async with synthesizer(KyutaiTtsStub(ready_after_s=0.4), timeout_s=0.1) as voices:
        with pytest.raises(ServiceUnavailable, match=r"not ready within 0\.1 s"):
            await voices.open("v")


async def test_opens_cancelled_at_any_moment_leave_no_slot_taken() -> None:
    stub = KyutaiTtsStub(ready_after_s=0.002, slots=3)
    moments = random.Random(11)
    async with synthesizer(stub) as voices:

        async def speak() -> None:
            voice = await voices.open("v")
            try:
                await voice.say("hello")
                await voice.end()
                await listen(voice)
            finally:
                await voice.close()

        for _ in range(200):
            speaking = asyncio.create_task(speak())
            await asyncio.wait({speaking}, timeout=moments.uniform(0, 0.015))
            speaking.cancel()
            await asyncio.wait({speaking}, timeout=2)
            assert speaking.done()
        await until(lambda: stub.taken == 0)
        opened_now = [await voices.open("v") for _ in range(3)]
        for voice in opened_now:
            await voice.close()
