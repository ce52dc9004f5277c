"""The built-in recogniser, with real speech over the real wire."""

import os
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import pairwise

import aiohttp
import numpy as np
import pytest

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples, silence
from rtcserver.config import Stt
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.turns.hearing import Final, Word
from tests.adapters.local_service import Service, connected, running
from tests.adapters.recogniser import PATH, mark, ready, speak, spoken, words
from tests.adapters.stubs.leaks import until

SLOTS = 2


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("rtcserver.local.stt_server", "--slots", str(SLOTS)) as service:
        yield service


@pytest.fixture(scope="module")
def time_question() -> Samples:
    """ "what time is it", amid half a second of silence."""
    return spoken("what time is it")


async def idle(service: Service) -> set[int]:
    """Its processes, once no call is left: the one that forks decoders."""
    await until(lambda: len(service.children()) == 1)
    return service.children()


async def test_speech_becomes_words_and_the_marker_follows_the_last(
    service: Service, time_question: Samples
) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, time_question)
        messages = await mark(client, 7)
    assert words(messages) == "what time is it"
    heard = [message for message in messages if message["type"] in ("Word", "EndWord")]
    assert [message["type"] for message in heard] == ["Word", "EndWord"] * 4
    times = [message["start_time" if "text" in message else "stop_time"] for message in heard]
    assert all(before <= after for before, after in pairwise(times))
    assert times[0] == pytest.approx(0.7, abs=0.25)
    assert times[-1] < len(time_question) / SAMPLE_RATE - 0.4


async def test_each_whole_frame_is_answered_by_a_step(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        for samples in (1_000, 919):
            await client.send({"type": "Audio", "pcm": [0.0] * samples})
        assert await mark(client, 1) == [{"type": "Marker", "id": 1}]
        await client.send({"type": "Audio", "pcm": [0.0] * (1 + 2 * SAMPLES_PER_FRAME)})
        *steps, _ = await mark(client, 2)
    assert [step["type"] for step in steps] == ["Step"] * 3
    first = steps[0]["step_idx"]
    assert [step["step_idx"] for step in steps] == [first, first + 1, first + 2]
    assert steps[0]["prs"] == [1, 1, 1, 1]


async def test_a_pause_shows_in_the_steps(service: Service, time_question: Samples) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, time_question)
        steps = [m for m in await mark(client, 1) if m["type"] == "Step"]
    scores = [step["prs"][0] for step in steps]
    assert min(scores) == 0
    assert scores[-1] > 0.6
    assert len(steps) == len(time_question) / SAMPLES_PER_FRAME


async def test_silence_and_noise_are_no_words(service: Service) -> None:
    noise = np.random.default_rng(3).normal(0, 300, 3 * SAMPLE_RATE).astype(np.int16)
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, silence(SAMPLE_RATE))
        await speak(client, noise)
        assert words(await mark(client, 1)) == ""


async def test_one_utterance_after_the_other(service: Service, time_question: Samples) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        for number in range(3):
            await speak(client, time_question)
            assert words(await mark(client, number)) == "what time is it"


async def test_a_crashed_decoder_is_replaced_and_the_marker_still_answered(
    service: Service, time_question: Samples
) -> None:
    before = await idle(service)
    async with connected(service.url + PATH) as client:
        await ready(client)
        (decoder,) = service.children() - before
        await speak(client, time_question)
        os.kill(decoder, signal.SIGKILL)
        await mark(client, 1)
        await until(lambda: len(service.children()) == 2)
        await speak(client, time_question)
        assert words(await mark(client, 2)) == "what time is it"


async def test_a_hung_decoder_does_not_hold_up_the_steps(
    service: Service, time_question: Samples
) -> None:
    before = await idle(service)
    async with connected(service.url + PATH) as client:
        await ready(client)
        (decoder,) = service.children() - before
        os.kill(decoder, signal.SIGSTOP)
        try:
            await speak(client, time_question)
            for _ in range(len(time_question) // SAMPLES_PER_FRAME):
                message = await client.receive()
                assert message
                assert message["type"] == "Step"
        finally:
            os.kill(decoder, signal.SIGCONT)
        assert words(await mark(client, 1)) == "what time is it"


async def test_no_free_slot_is_told_after_the_upgrade(service: Service) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(SLOTS):
            await ready(await stack.enter_async_context(connected(service.url + PATH)))
        full = {"used_slots": str(SLOTS), "total_slots": str(SLOTS), "engine": "pocketsphinx"}
        http = await stack.enter_async_context(aiohttp.ClientSession())
        async with http.get(f"{service.url}/api/modules_info") as answer:
            assert await answer.json() == [{"type": "batched_asr", "path": PATH, **full}]
        async with connected(f"{service.url}{PATH}?auth_id=public_token") as refused:
            assert await refused.until("Ready") == [
                {"type": "Error", "message": "no free channels"}
            ]
            assert refused.ws.close_code == 1000


async def test_a_client_that_leaves_frees_its_slot_and_its_decoder(service: Service) -> None:
    before = await idle(service)
    for _ in range(3 * SLOTS):
        async with connected(service.url + PATH) as client:
            await ready(client)
        assert await idle(service) == before


@pytest.mark.parametrize("nonsense", [b"\xc1", b"\x81\xa4type\xa5Other", b""])
async def test_nonsense_ends_the_stream_with_an_error(service: Service, nonsense: bytes) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await client.ws.send_bytes(nonsense)
        (error,) = await client.until("Ready")
    assert error["type"] == "Error"


async def test_our_own_client_understands_it(service: Service, time_question: Samples) -> None:
    url = service.url.replace("http", "ws")
    async with aiohttp.ClientSession() as http:
        ear = await KyutaiTranscribers(http, url, Stt(delay_s=0.0)).open()
        for start in range(0, len(time_question), SAMPLES_PER_FRAME):
            await ear.send(time_question[start : start + SAMPLES_PER_FRAME])
        await ear.flush(5)
        heard = []
        async for event in ear.events():
            if isinstance(event, Word):
                heard.append(event.text)
            if isinstance(event, Final):
                assert event.mark == 5
                await ear.close()
    assert heard == ["what", "time", "is", "it"]
