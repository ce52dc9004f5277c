"""Whisper behind the recogniser's wire: real passes of real models, too small to understand.

The model of `Tiny` says one word of its text for each 0.3 s of sound.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples, silence
from tests.adapters.local_service import Message, Service, connected, running
from tests.adapters.recogniser import PATH, mark, ready, speak, words
from tests.needed import missing
from tests.speech import utterance
from tests.tiny_whisper import COUNT, WORD_S, Tiny


def talk(seconds: float) -> Samples:
    """Speech from the first sample on, in whole frames, with a hiss that fills its stops."""
    try:
        said = utterance("where are you we are away and we will all be here in an hour or more")
    except OSError:
        missing("nothing to speak with: install libflite1")
    count = round(seconds * SAMPLE_RATE) // SAMPLES_PER_FRAME * SAMPLES_PER_FRAME
    hiss = np.random.default_rng(5).normal(0, 1_500, count)
    return (np.resize(said, count) + hiss).astype(np.int16)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    model = Tiny().save(tmp_path_factory.mktemp("models") / "counts")
    with running(
        "rtcserver.local.stt_server", "--engine", "whisper", "--model", str(model)
    ) as service:
        yield service


def spoken_words(messages: list[Message]) -> list[str]:
    return [message["text"] for message in messages if message["type"] == "Word"]


async def test_words_come_while_the_caller_still_speaks_and_none_is_taken_back(
    service: Service,
) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, talk(2.4))
        early = await client.until("Word")
        await speak(client, talk(1.2))
        late = await mark(client, 1)
    heard = spoken_words(early) + spoken_words(late)
    count = COUNT.split()[: len(heard)]
    assert heard == count
    assert len(heard) >= 8
    assert spoken_words(early) == ["one"]


async def test_each_word_has_the_time_at_which_it_was_said(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, talk(2.4))
        await mark(client, 1)
        await speak(client, talk(2.4))
        messages = await mark(client, 2)
    starts = [message["start_time"] for message in messages if message["type"] == "Word"]
    assert len(starts) >= 5
    assert starts[0] == pytest.approx(2.4, abs=0.15)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert gaps[1:-1] == pytest.approx([WORD_S] * len(gaps[1:-1]), abs=0.1)


async def test_a_flush_brings_the_words_that_no_pause_has_ended(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, talk(0.96))
        assert spoken_words(await mark(client, 1))[:2] == ["one", "two"]


async def test_silence_says_nothing(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, silence(SAMPLE_RATE * 2))
        assert words(await mark(client, 1)) == ""


@pytest.mark.parametrize(
    "model",
    [
        Tiny(gated=False, no_speech=True, sure=False),
        Tiny("on and off", gated=False, loops=True),
    ],
    ids=["no speech", "repeats itself"],
)
async def test_what_the_model_makes_up_is_left_out(model: Tiny, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "liar")
    with running(
        "rtcserver.local.stt_server", "--engine", "whisper", "--model", str(folder)
    ) as liar:
        async with connected(liar.url + PATH) as client:
            await ready(client)
            await speak(client, talk(4.0))
            assert words(await mark(client, 1)) == ""


async def test_a_model_of_noise_is_survived(tmp_path: Path) -> None:
    folder = Tiny(random=True).save(tmp_path / "noise")
    with running(
        "rtcserver.local.stt_server", "--engine", "whisper", "--model", str(folder)
    ) as noise:
        async with connected(noise.url + PATH) as client:
            await ready(client)
            await speak(client, talk(1.6))
            await mark(client, 1)
