"""The gate: speech passes, with what was just before it, and nothing twice."""

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLES_PER_FRAME, Samples
from rtcserver.audio.speech_gate import End, Feed, SpeechGate

QUIET, LOUD = (0.0, 0.0), (0.9, 0.9)


def frame(number: int) -> Samples:
    return np.full(SAMPLES_PER_FRAME, number, np.int16)


def numbers(feed: Feed | End) -> list[int]:
    assert isinstance(feed, Feed)
    return [int(sample) for sample in feed.samples[::SAMPLES_PER_FRAME]]


def test_silence_does_not_pass() -> None:
    gate = SpeechGate(longest_s=30.0)
    assert [gate.push(frame(n), QUIET) for n in range(100)] == [[]] * 100


def test_speech_passes_with_the_300_ms_before_it() -> None:
    gate = SpeechGate(longest_s=30.0)
    for n in range(10):
        gate.push(frame(n), QUIET)
    (feed,) = gate.push(frame(10), LOUD)
    assert numbers(feed) == [6, 7, 8, 9, 10]
    assert isinstance(feed, Feed)
    assert feed.start_s == pytest.approx(6 * 0.08)
    (more,) = gate.push(frame(11), LOUD)
    assert numbers(more) == [11]


def test_a_click_is_no_speech() -> None:
    gate = SpeechGate(longest_s=30.0)
    assert gate.push(frame(0), (0.1, 0.9)) == []
    assert gate.push(frame(1), (0.1, 0.1, 0.9)) == []


def test_an_utterance_ends_after_400_ms_of_silence() -> None:
    gate = SpeechGate(longest_s=30.0)
    gate.push(frame(0), LOUD)
    ends = [End() in gate.push(frame(n), (0.1, 0.1, 0.1)) for n in range(1, 7)]
    assert ends == [False, False, False, False, True, False]


def test_a_word_in_between_puts_the_end_off() -> None:
    gate = SpeechGate(longest_s=30.0)
    gate.push(frame(0), LOUD)
    for n in range(1, 30):
        passed = gate.push(frame(n), LOUD if n % 4 == 0 else (0.1, 0.1, 0.1))
        assert [type(item) for item in passed] == [Feed]


def test_a_flush_ends_the_utterance_and_nothing_passes_twice() -> None:
    gate = SpeechGate(longest_s=30.0)
    assert gate.flush() == []
    gate.push(frame(0), LOUD)
    assert gate.flush() == [End()]
    assert gate.flush() == []
    assert gate.push(frame(1), (0.9,)) == []
    (feed,) = gate.push(frame(2), LOUD)
    assert numbers(feed) == [1, 2]


def test_an_endless_utterance_ends_after_30_s_and_loses_nothing() -> None:
    gate = SpeechGate(longest_s=30.0)
    passed = [item for n in range(400) for item in gate.push(frame(n), LOUD)]
    assert passed.count(End()) == 1
    assert [n for item in passed if isinstance(item, Feed) for n in numbers(item)] == list(
        range(400)
    )


def test_a_pause_grows_likelier_the_longer_it_lasts() -> None:
    gate = SpeechGate(longest_s=30.0)
    assert gate.pauses().tolist() == [1, 1, 1, 1]
    gate.push(frame(0), LOUD)
    assert gate.pauses().tolist() == [0, 0, 0, 0]
    gate.push(frame(1), (0.1,) * 4)  # 128 ms
    assert gate.pauses().tolist() == pytest.approx([0.506, 0.339, 0.204, 0.146], abs=0.001)
