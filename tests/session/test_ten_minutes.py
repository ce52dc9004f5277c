"""A long call is cheap, and always the same."""

import time

from rtcserver.realtime.codec import dump_event
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call


def ten_minutes() -> Call:
    turns = range(100)
    return call(
        600,
        speech=[(6 * turn + 1.0, 6 * turn + 2.0) for turn in turns],
        words=[Word("go", 6 * turn + 1.5) for turn in turns],
        beat_s=0.16,  # as a client that sends every 160 ms
    )


def trace(made: Call) -> list[tuple[float, str]]:
    return [(at, dump_event(event)) for at, event in made.wire.said]


def test_ten_minutes_and_a_hundred_turns_cost_less_than_two_seconds() -> None:
    start = time.process_time()
    made = ten_minutes()
    spent = time.process_time() - start
    assert made.types.count("response.done") == 100
    assert spent < 2, f"{spent:.2f} s of CPU"


def test_the_same_call_leaves_the_same_trace_twenty_times() -> None:
    first = trace(ten_minutes())
    assert all(trace(ten_minutes()) == first for _ in range(19))
