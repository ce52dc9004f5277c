"""Times of words, from those of their phonemes."""

import numpy as np
import pytest

from rtcserver.audio.format import Samples
from rtcserver.local.engines.phoneme_times import word_times

RATE_HZ = 16_000


def sound(*parts: tuple[int, float]) -> Samples:
    """Parts of one level, each so many seconds long."""
    return np.concatenate(
        [np.full(int(length * RATE_HZ), level, np.int16) for level, length in parts]
    )


def test_a_word_sounds_from_its_first_phoneme_to_its_last() -> None:
    phonemes = [("h", 0.1, 0.2), ("i", 0.2, 0.4), (" ", 0.4, 0.5), ("ˈ", 0.5, 0.6), ("u", 0.6, 0.9)]
    assert word_times(["hi", "you"], phonemes, sound((0, 1.0)), RATE_HZ) == ((0.1, 0.4), (0.5, 0.9))


def test_a_mark_belongs_to_no_word() -> None:
    phonemes = [("a", 0.0, 0.2), (",", 0.2, 0.6), (" ", 0.6, 0.7), ("—", 0.7, 0.8), (" ", 0.8, 0.9)]
    assert word_times(["a,"], phonemes, sound((0, 1.0)), RATE_HZ) == ((0.0, 0.2),)


def test_words_spoken_as_more_than_were_written_are_placed_by_their_letters() -> None:
    phonemes = [("f", 0.2, 0.3), (" ", 0.3, 0.4), ("w", 0.4, 0.5), (" ", 0.5, 0.6), ("s", 0.6, 0.7)]
    clip = sound((0, 0.25), (9_000, 1.0), (0, 0.25))
    (first, second) = word_times(["$9", "so"], phonemes, clip, RATE_HZ)
    assert first == pytest.approx((0.25, 0.75), abs=0.001)
    assert second == pytest.approx((0.75, 1.25), abs=0.001)


def test_no_phonemes_and_no_sound_have_no_length() -> None:
    assert word_times(["…", "…"], [], sound((0, 0.0)), RATE_HZ) == ((0.0, 0.0), (0.0, 0.0))
