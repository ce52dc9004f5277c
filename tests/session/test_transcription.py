"""Sessions that write down what is said, and answer nothing."""

import json

import pytest

from rtcserver.errors import ServiceUnavailable
from rtcserver.realtime.session_object import TranscriptionSession
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

HELLO = [Word("hello", 1.2), Word("there", 1.6)]


def dictation(*events: tuple[float, dict[str, object]]) -> Call:
    return call(
        8,
        speech=[(1.0, 2.0)],
        words=HELLO,
        events=[(at, json.dumps(event)) for at, event in events],
        asked=TranscriptionSession(),
    )


def test_speech_is_written_down_and_nobody_answers() -> None:
    made = dictation()
    assert made.types == [
        "session.created",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.input_audio_transcription.completed",
    ]
    completed = made.event("conversation.item.input_audio_transcription.completed")
    assert completed.transcript == "hello there"
    assert completed.usage.seconds == pytest.approx(1.0, abs=0.05)
    assert made.chat.requests == []


def test_its_session_object_has_no_assistant_in_it() -> None:
    session = dictation().event("session.created").session
    assert (session.type, session.object) == ("transcription", "realtime.transcription_session")
    assert session.audio.input.turn_detection.silence_duration_ms == 500


def test_its_turns_can_be_ended_by_hand() -> None:
    by_hand = {"audio": {"input": {"turn_detection": None}}}
    made = dictation(
        (0, {"type": "session.update", "session": {"type": "transcription", **by_hand}}),
        (3, {"type": "input_audio_buffer.commit"}),
    )
    assert made.event("session.updated").session.audio.input.turn_detection is None
    completed = made.event("conversation.item.input_audio_transcription.completed")
    assert completed.transcript == "hello there"


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "session.update", "session": {"type": "realtime"}}, "session.type"),
        ({"type": "response.create"}, "type"),
        ({"type": "conversation.item.retrieve", "item_id": "x"}, "type"),
        ({"type": "output_audio_buffer.clear"}, "type"),
    ],
)
def test_what_only_a_conversation_has_is_refused(event: dict[str, object], param: str) -> None:
    error = dictation((1, {**event, "event_id": "mine"})).event("error").error
    assert (error.param, error.event_id) == (param, "mine")


def test_a_conversation_cannot_become_a_transcription() -> None:
    update = {"type": "session.update", "session": {"type": "transcription"}}
    made = call(3, events=[(1, json.dumps(update))])
    assert made.event("error").error.param == "session.type"
    assert "session.updated" not in made.types


def test_a_turn_that_nobody_wrote_down_is_told_of_by_its_item() -> None:
    down = ScriptedTranscribers(refuse=ServiceUnavailable("stt", "nobody there"))
    made = call(8, speech=[(1.0, 2.0)], transcribers=down, asked=TranscriptionSession())
    failed = made.event("conversation.item.input_audio_transcription.failed")
    assert failed.item_id == made.event("input_audio_buffer.committed").item_id
    assert failed.error.code == "transcription_failed"
    assert not [kind for kind in made.types if kind.endswith("transcription.completed")]


def test_words_that_came_count_even_if_nobody_says_that_they_are_all() -> None:
    deaf = ScriptedTranscribers(HELLO, final_delay_s=60)
    made = call(8, speech=[(1.0, 2.0)], transcribers=deaf, asked=TranscriptionSession())
    completed = made.event("conversation.item.input_audio_transcription.completed")
    assert completed.transcript == "hello there"
