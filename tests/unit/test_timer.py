"""The stopwatches, on a clock that the test turns by hand."""

from collections.abc import Iterator

import pytest

from rtcserver import timer
from rtcserver.timer import PhasesStopwatch, Stopwatch

PHASES = ("endpointing", "stt", "llm", "tts")


class Hand:
    """A clock that stands still until it is moved."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hand() -> Iterator[Hand]:
    clock = Hand()
    with timer.using(clock):
        yield clock


def test_now_reads_the_given_clock_and_then_the_one_before(hand: Hand) -> None:
    with timer.using(lambda: 5.0):
        assert timer.now() == 5.0
    assert timer.now() == 100.0


def test_the_clock_is_put_back_after_an_error(hand: Hand) -> None:
    with pytest.raises(KeyError), timer.using(lambda: 5.0):
        raise KeyError
    assert timer.now() == 100.0


def test_a_stopwatch_counts_from_its_making(hand: Hand) -> None:
    watch = Stopwatch()
    hand.at = 102.5
    assert watch.elapsed() == 2.5


def test_phases_add_up_to_the_whole() -> None:
    watch = PhasesStopwatch(PHASES)
    watch.start(10.0)
    for phase, at in zip(PHASES, (10.5, 10.75, 11.0, 11.5), strict=True):
        watch.mark(phase, at)
    assert watch.seconds() == {"endpointing": 0.5, "stt": 0.25, "llm": 0.25, "tts": 0.5}
    assert sum(watch.seconds().values()) == 1.5


def test_a_stage_hidden_behind_an_earlier_one_costs_nothing() -> None:
    watch = PhasesStopwatch(PHASES)
    watch.start(10.0)
    watch.mark("llm", 10.25)  # speculation answered before the turn was over
    watch.mark("endpointing", 10.5)
    watch.mark("stt", 10.5)
    watch.mark("tts", 10.75)
    assert watch.seconds() == {"endpointing": 0.5, "stt": 0.0, "llm": 0.0, "tts": 0.25}


def test_only_the_first_mark_of_a_phase_counts() -> None:
    watch = PhasesStopwatch(PHASES)
    watch.start(0.0)
    watch.mark("stt", 1.0)
    watch.mark("stt", 2.0)
    assert watch.seconds()["stt"] == 1.0


def test_a_phase_without_a_mark_is_nothing() -> None:
    watch = PhasesStopwatch(PHASES)
    assert watch.seconds() == dict.fromkeys(PHASES, 0.0)
    watch.start(3.0)
    watch.mark("tts", 4.0)
    assert watch.seconds() == {"endpointing": 0.0, "stt": 0.0, "llm": 0.0, "tts": 1.0}


def test_it_is_complete_once_the_last_phase_has_ended() -> None:
    watch = PhasesStopwatch(PHASES)
    watch.start(2.0)
    assert not watch.complete
    watch.mark("tts", 3.0)
    assert watch.complete


def test_it_is_never_complete_without_a_start() -> None:
    watch = PhasesStopwatch(PHASES)
    watch.mark("tts", 1.0)
    assert not watch.complete


def test_an_unknown_phase_is_a_bug() -> None:
    with pytest.raises(ValueError, match="unknown phase 'lunch'"):
        PhasesStopwatch(PHASES).mark("lunch", 1.0)
