import asyncio
import io
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLES_PER_FRAME, Samples
from rtcserver.config import Stt
from rtcserver.errors import ServiceBusy, ServiceError, ServiceFailed, ServiceUnavailable
from rtcserver.services.stt.base import Transcriber
from rtcserver.services.stt.openai_audio import OpenAiTranscribers
from rtcserver.services.vad.scripted import ScriptedVad
from rtcserver.turns.hearing import Final, Hearing, Word
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.openai_audio import OpenAiAudioStub, Streams
from tests.adapters.stubs.serving import client

SPEECH = ((0.8, 1.6),)
"""Frames 10 to 20; the gate adds what was up to 300 ms before."""
WORDS = ["Hello", "there."]


@asynccontextmanager
async def transcribers(
    stub: OpenAiAudioStub, speech: Sequence[tuple[float, float]] = SPEECH, **settings: Any
) -> AsyncIterator[OpenAiTranscribers]:
    async with nothing_left(), stub.running() as url, client() as http:
        yield OpenAiTranscribers(http, url, Stt(**settings), lambda: ScriptedVad(speech))
        await until(lambda: stub.busy == 0)
    assert counted("rtc_service_active", service="stt") == 0


@asynccontextmanager
async def opened(
    stub: OpenAiAudioStub, speech: Sequence[tuple[float, float]] = SPEECH, **settings: Any
) -> AsyncIterator[Transcriber]:
    async with transcribers(stub, speech, **settings) as ears:
        ear = await ears.open()
        try:
            yield ear
        finally:
            await ear.close()


async def speak(ear: Transcriber, frames: range) -> None:
    """Each frame holds its number."""
    for number in frames:
        await ear.send(np.full(SAMPLES_PER_FRAME, number, np.int16))


async def listen(
    ear: Transcriber, until_mark: int, heard: list[Hearing] | None = None
) -> list[Hearing]:
    heard = [] if heard is None else heard
    async with asyncio.timeout(5):
        async for event in ear.events():
            heard.append(event)
            if event == Final(until_mark):
                break
    return heard


def texts(heard: list[Hearing]) -> list[str]:
    return [event.text for event in heard if isinstance(event, Word)]


def samples_of(wav: bytes) -> Samples:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


@pytest.mark.parametrize("streams", ["", "openai", "vllm", "segments"])
async def test_what_was_said_before_the_flush_is_transcribed(streams: Streams) -> None:
    stub = OpenAiAudioStub(streams=streams)
    async with opened(stub, language="en") as ear:
        await speak(ear, range(23))
        await ear.flush(7)
        assert await listen(ear, 7) == [
            *(Word(text, pytest.approx(0.48)) for text in WORDS),  # type: ignore[arg-type]
            Final(7),
        ]
    [asked] = stub.asked
    wav = asked.pop("file")
    assert asked == {
        "model": "tiny",
        "response_format": "json",
        "language": "en",
        "stream": "true",
    }
    assert samples_of(wav)[::SAMPLES_PER_FRAME].tolist() == list(range(6, 23))


async def test_silence_costs_no_request() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub, speech=()) as ear:
        await speak(ear, range(50))
        await ear.flush(1)
        assert await listen(ear, 1) == [Final(1)]
    assert stub.asked == []


async def test_an_utterance_that_ends_before_the_flush_is_sent_at_once() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub) as ear:
        await speak(ear, range(50))
        await until(lambda: bool(stub.asked))
        await ear.flush(1)
        assert texts(await listen(ear, 1)) == WORDS
    assert len(stub.asked) == 1


async def test_each_flush_is_answered_after_its_own_words() -> None:
    stub = OpenAiAudioStub()
    async with opened(stub, speech=((0.8, 1.6), (2.4, 3.2))) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        await speak(ear, range(23, 43))
        await ear.flush(2)
        heard = await listen(ear, 2)
    assert [event for event in heard if isinstance(event, Final)] == [Final(1), Final(2)]
    assert texts(heard) == WORDS * 2
    assert texts(heard[: heard.index(Final(1))]) == WORDS


async def test_settings_shape_the_request() -> None:
    stub = OpenAiAudioStub(models=None, key="public_token")
    async with opened(stub, model="whisper-1") as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        await listen(ear, 1)
    assert stub.asked[0]["model"] == "whisper-1"
    assert "language" not in stub.asked[0]


async def test_a_server_that_refuses_to_stream_is_asked_without_from_then_on() -> None:
    stub = OpenAiAudioStub(refuses_stream=True)
    async with opened(stub, speech=((0.8, 1.6), (2.4, 3.2))) as ear:
        await speak(ear, range(43))
        await ear.flush(1)
        assert texts(await listen(ear, 1)) == WORDS * 2
    assert ["stream" in asked for asked in stub.asked] == [True, False, False]


async def test_words_are_heard_while_the_transcript_still_comes() -> None:
    stub = OpenAiAudioStub(text="one two three", streams="openai", fault=(Fault.SILENT, 0))
    async with opened(stub) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        async with asyncio.timeout(5):
            first = await anext(ear.events())
        assert isinstance(first, Word)
        assert first.text == "one"
        assert stub.busy == 1


async def test_a_request_that_was_cut_or_refused_is_made_once_more() -> None:
    stub = OpenAiAudioStub(drops=1)
    async with opened(stub) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        assert texts(await listen(ear, 1)) == WORDS


@pytest.mark.parametrize("streams", ["", "openai"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.FULL, ServiceBusy),
        (Fault.SLOW, ServiceUnavailable),
        (Fault.SILENT, ServiceUnavailable),
        (Fault.HALF_DEAD, ServiceUnavailable),
        (Fault.CUT, ServiceFailed),
        (Fault.GARBAGE, ServiceFailed),
        (Fault.ERROR, ServiceFailed),
        (Fault.GOODBYE, ServiceFailed),
    ],
)
async def test_a_fault_answers_the_flush_and_ends_the_ear(
    streams: Streams, fault: Fault, kind: type[ServiceError]
) -> None:
    stub = OpenAiAudioStub(streams=streams, fault=(fault, 0))
    heard: list[Hearing] = []
    async with opened(stub, final_timeout_s=0.7) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        with pytest.raises(kind):
            await listen(ear, 2, heard)
        stub.mend()
    assert heard[-1] == Final(1)
    assert set(texts(heard)) <= set(WORDS)


async def test_a_transcript_of_nothing_is_no_word() -> None:
    async with opened(OpenAiAudioStub(fault=(Fault.LYING, 0))) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        assert await listen(ear, 1) == [Final(1)]


async def test_a_wrong_key_is_told_when_a_call_begins() -> None:
    async with transcribers(OpenAiAudioStub(key="secret")) as ears:
        with pytest.raises(ServiceUnavailable, match=r"401.*stt\.api_key: who are you"):
            await ears.open()


async def test_a_server_that_is_not_there_is_told_when_a_call_begins() -> None:
    async with client() as http:
        with pytest.raises(ServiceUnavailable, match="cannot connect"):
            await OpenAiTranscribers(http, "openai+http://127.0.0.1:9/v1", Stt()).open()


@pytest.mark.parametrize("moment", ["asked", "before"])
async def test_closing_in_mid_request_hangs_up(moment: str) -> None:
    stub = OpenAiAudioStub(fault=(Fault.SLOW, 0))
    async with opened(stub) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        if moment == "asked":
            await until(lambda: stub.busy == 1)
        async with asyncio.timeout(1):
            await ear.close()
            await ear.close()
        await until(lambda: stub.busy == 0)


async def test_the_time_from_flush_to_the_last_word_is_measured() -> None:
    before = counted("rtc_stt_final_seconds_count")
    async with opened(OpenAiAudioStub()) as ear:
        await speak(ear, range(23))
        await ear.flush(1)
        await listen(ear, 1)
    assert counted("rtc_stt_final_seconds_count") == before + 1


async def test_probe_takes_a_server_without_a_list_of_models() -> None:
    async with transcribers(OpenAiAudioStub(models=None)) as ears:
        assert 0 < await ears.probe() < 1
