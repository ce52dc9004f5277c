"""A pass of Whisper itself: one clip or several, however long, and no word lost or made up."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rtcserver.errors import ConfigError
from rtcserver.local.engines.whisper import Whisper
from rtcserver.local.whisper_guards import why_made_up
from tests.tiny_whisper import COUNT, Tiny


def whisper(folder: Path, model: Tiny) -> Whisper:
    return Whisper(model.save(folder), language="", lanes=1, threads=1)


def noise(seconds: float) -> NDArray[np.int16]:
    samples = np.random.default_rng(0).normal(0, 3_000, round(seconds * 16_000))
    return samples.astype(np.int16)


def test_clips_of_a_batch_are_heard_as_each_alone(tmp_path: Path) -> None:
    model = whisper(tmp_path, Tiny())
    clips = [noise(0.6), noise(2.4), noise(1.2)]
    together = model.hear(clips)
    assert [found.text for found in together] == [
        *("one two", "one two three four five six seven eight", "one two three four"),
    ]
    alone = [model.hear([clip])[0] for clip in clips]
    assert [found.words for found in together] == [found.words for found in alone]


@pytest.mark.parametrize(("seconds", "words"), [(1.0, 15), (2.0, 20)])
def test_who_speaks_fast_is_heard_to_the_end(tmp_path: Path, seconds: float, words: int) -> None:
    text = " ".join(COUNT.split()[:words])
    (found,) = whisper(tmp_path, Tiny(text, gated=False)).hear([noise(seconds)])
    assert found.text == text
    assert why_made_up(found, seconds) is None


@pytest.mark.parametrize("seconds", [0.3, 0.5, 1.0, 2.0, 4.0, 28.0])
def test_a_phrase_without_an_end_is_never_believed(tmp_path: Path, seconds: float) -> None:
    (found,) = whisper(tmp_path, Tiny("on and off", gated=False, loops=True)).hear([noise(seconds)])
    assert found.text.startswith("on and off on")
    assert why_made_up(found, seconds)


def test_what_is_no_model_is_told_in_words(tmp_path: Path) -> None:
    folder = Tiny().save(tmp_path)
    (folder / "model.bin").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        Whisper(folder, language="", lanes=1, threads=1)


def test_practice_costs_what_a_long_sentence_does(tmp_path: Path) -> None:
    found = whisper(tmp_path, Tiny("one", gated=False)).practise()
    assert found.endless  # all of its 50 tokens, though the model says "one" and no more
