"""The conversation holds what the caller heard, whatever ended the reply."""

import json
from typing import Any

import pytest

from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

TWELVE = "One two three four five six seven eight nine ten eleven twelve."
TWO_TURNS: dict[str, Any] = {
    "speech": [(1.0, 2.0), (8.0, 9.0)],
    "words": [Word("hello", 1.2), Word("again", 8.2)],
}


def remembered(made: Call) -> str:
    """What the chat model was last told that the assistant had said."""
    said = [m["content"] for m in made.chat.requests[-1].messages if m["role"] == "assistant"]
    return " ".join(said)


@pytest.mark.parametrize("at", [5.0, 5.04, 5.08, 5.12])
def test_words_that_a_starved_wire_still_waits_for_were_not_heard(at: float) -> None:
    """The voice is so slow that all there is of it has mostly been played."""
    made = call(
        12,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(realtime_factor=0.5),
        events=[
            (1.0, '{"type":"response.create"}'),
            (at, '{"type":"output_audio_buffer.clear"}'),
            (7.0, '{"type":"response.create"}'),
        ],
    )
    assert 1 <= len(remembered(made).split()) <= 7


def test_words_that_a_broken_voice_left_out_were_not_heard() -> None:
    made = call(
        14,
        **TWO_TURNS,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(break_after_words=3),
    )
    assert made.event("response.done").response.status == "failed"
    assert remembered(made) == "One two three"


def test_words_that_were_made_no_more_were_not_heard() -> None:
    """Half a second of them were on their way when the client cancelled, and are played."""
    made = call(
        14,
        **TWO_TURNS,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(realtime_factor=1.5),
        events=[(4.0, '{"type":"response.cancel"}')],
    )
    assert made.event("response.done").response.status == "cancelled"
    samples = sum(int((heard > 0).sum()) for at, heard in made.wire.heard if at < 8)
    assert remembered(made) == " ".join(TWELVE.split()[: round(samples / 7200)])


def test_a_truncation_outlives_the_end_of_the_response() -> None:
    create = '{"type":"response.create"}'
    first = call(8, chat=ScriptedChat([TWELVE]), events=[(1.0, create)])
    item_id = first.event("response.output_audio_transcript.done").item_id
    cut = {"type": "conversation.item.truncate", "item_id": item_id, "audio_end_ms": 650}
    made = call(
        10,
        chat=ScriptedChat([TWELVE]),
        events=[
            (1.0, create),
            (2.0, json.dumps(cut)),
            (2.0, '{"type":"response.cancel"}'),
            (5.0, create),
        ],
    )
    assert remembered(made) == "One two"


def test_a_voice_without_a_sound_is_told_as_a_failure() -> None:
    made = call(
        14,
        **TWO_TURNS,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(seconds_per_word=0),
    )
    assert made.event("error").error.code == "tts_failed"
    assert made.event("response.done").response.status == "failed"
    assert remembered(made) == ""
