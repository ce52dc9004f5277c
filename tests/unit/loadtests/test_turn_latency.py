import pytest

from loadtests.bot import Call
from loadtests.turn import Turn
from loadtests.turn_latency import shares


def test_a_share_is_what_silence_there_was_beyond_the_one_that_was_asked_for() -> None:
    turn = Turn("hello", said_s=1.0, silence_s=0.515)
    turn.begin(10.0)
    turn.observe({"type": "response.output_audio.delta", "delta": ""}, 11.560)
    told, felt = shares([Call([turn])])
    assert (told.count, felt.count) == (1, 1)
    assert told.p95 == pytest.approx(0.015)
    assert felt.p95 == pytest.approx(0.060)


def test_a_turn_without_an_answer_has_no_share() -> None:
    told, felt = shares([Call([Turn("hello", said_s=1.0)], problem="the server hung up")])
    assert (told.count, felt.count) == (0, 0)
