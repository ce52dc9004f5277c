import numpy as np
import pytest

from rtcserver.audio.alignment import Alignment
from rtcserver.audio.format import Samples, silence

SECOND = 24_000


def loud(seconds: float) -> Samples:
    return np.full(round(seconds * SECOND), 1_000, np.int16)


def times(alignment: Alignment) -> list[tuple[str, float, float]]:
    return [(word, round(start, 2), round(stop, 2)) for word, start, stop in alignment.times()]


def test_a_word_lasts_as_long_as_its_letters() -> None:
    alignment = Alignment(["a", "bcd"], begin=SECOND)
    alignment.push(loud(3))
    assert times(alignment) == [("a", 1.0, 2.0), ("bcd", 2.0, 4.0)]


def test_silence_around_the_clause_is_no_word() -> None:
    alignment = Alignment(["abc", "def"], begin=0)
    for part in [silence(SECOND), loud(0.5), silence(SECOND), loud(0.5), silence(2 * SECOND)]:
        alignment.push(part)
    assert times(alignment) == [("abc", 1.0, 2.0), ("def", 2.0, 3.0)]


def test_a_pause_within_the_clause_is_no_word() -> None:
    alignment = Alignment(["ab,", "abc"], begin=0)
    alignment.push(loud(1.2))
    assert times(alignment) == [("ab,", 0.0, 0.4), ("abc", 0.8, 1.2)]


def test_a_clause_that_cannot_be_heard_takes_its_whole_time() -> None:
    alignment = Alignment(["a"], begin=0)
    alignment.push(silence(SECOND))
    assert times(alignment) == [("a", 0.0, 1.0)]


@pytest.mark.parametrize("words", [["a"], []])
def test_a_clause_without_audio_has_no_words(words: list[str]) -> None:
    assert Alignment(words, begin=5).times() == []
