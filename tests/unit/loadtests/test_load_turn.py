"""One turn from the caller's side: events in, figures out."""

import base64
from typing import Any

import numpy as np
import pytest

from loadtests.microphone import Microphone
from loadtests.turn import FIGURES, Turn

HALF_SECOND = base64.b64encode(bytes(2 * 12_000)).decode()


def audio(base64_audio: str = HALF_SECOND) -> dict[str, Any]:
    return {"type": "response.output_audio.delta", "delta": base64_audio}


def text(delta: str) -> dict[str, Any]:
    return {"type": "response.output_audio_transcript.delta", "delta": delta}


def done(status: str = "completed") -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status}}


CREATED = {"type": "response.created", "response": {}}
HEARD = {
    "type": "conversation.item.input_audio_transcription.completed",
    "transcript": "hello there",
}
HEARD_FIRST = {"type": "conversation.item.input_audio_transcription.delta", "delta": "hello"}


def lived_through(*events: tuple[float, dict[str, Any]]) -> Turn:
    """The user speaks from 10 s to 11 s."""
    turn = Turn("hello there", said_s=1.0)
    turn.begin(10.0)
    for at, event in events:
        turn.observe(event, at)
    return turn


def test_the_five_figures_of_a_turn() -> None:
    turn = lived_through(
        (10.5, HEARD_FIRST),
        (11.4, HEARD),
        (11.5, CREATED),
        (11.6, text("Hello")),
        (11.75, audio()),
        (11.8, text(" you.")),
        (12.0, audio()),
        (12.1, done()),
    )
    assert turn.ended
    assert (turn.problem, turn.heard, turn.answered) == ("", "hello there", "Hello you.")
    assert list(turn.figures()) == list(FIGURES)
    assert turn.figures() == pytest.approx(
        {
            "stt_latency_s": 0.5,
            "turn_end_latency_s": 0.5,
            "llm_latency_s": 0.1,
            "tts_start_latency_s": 0.15,
            "tts_realtime_factor": 4.0,  # 1 s of audio within 0.25 s
        }
    )


def test_what_was_not_seen_has_no_figure() -> None:
    assert lived_through((10.5, HEARD_FIRST)).figures() == {"stt_latency_s": 0.5}


def test_audio_in_one_piece_has_no_realtime_factor() -> None:
    assert "tts_realtime_factor" not in lived_through((11.0, audio())).figures()


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([audio(), done("failed")], "response failed"),
        ([done()], "response without audio"),
        ([{"type": "error", "error": {"message": "no"}}], "error event: no"),
    ],
)
def test_a_turn_that_went_wrong_says_why(events: list[dict[str, Any]], problem: str) -> None:
    turn = lived_through(*((11.0, event) for event in events))
    assert (turn.ended, turn.problem) == (True, problem)


def test_events_of_other_matters_change_nothing() -> None:
    assert lived_through((10.1, {"type": "rate_limits.updated"})) == lived_through()


def test_the_microphone_is_silent_around_the_words() -> None:
    microphone = Microphone()
    chunks = [microphone.chunk(4)]
    microphone.say(np.arange(1, 7, dtype=np.int16))
    chunks += [microphone.chunk(4) for _ in range(3)]
    assert [(list(samples), begins) for samples, begins in chunks] == [
        ([0, 0, 0, 0], False),
        ([1, 2, 3, 4], True),
        ([5, 6, 0, 0], False),
        ([0, 0, 0, 0], False),
    ]
