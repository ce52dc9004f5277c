"""What the client asks for, on the virtual clock."""

import json
from typing import Any

import pytest

from rtcserver.realtime.items import text_of
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call


def script(*events: tuple[float, dict[str, Any]]) -> list[tuple[float, str]]:
    return [(at, json.dumps(event)) for at, event in events]


def typed(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": "user", "content": content},
    }


CREATE = {"type": "response.create"}
BY_HAND = {"type": "session.update", "session": {"audio": {"input": {"turn_detection": None}}}}


def roles(made: Call) -> list[tuple[str, str]]:
    return [(m["role"], m["content"]) for m in made.chat.requests[-1].messages]


def test_a_typed_message_is_answered_aloud() -> None:
    made = call(6, events=script((1, typed("hi")), (1, CREATE)))
    assert roles(made)[-1] == ("user", "hi")
    assert made.wire.heard
    assert made.event("response.done").response.status == "completed"


def test_a_text_response_has_no_voice() -> None:
    create = {"type": "response.create", "response": {"output_modalities": ["text"]}}
    made = call(6, events=script((1, typed("hi")), (1, create)))
    assert not made.wire.heard
    assert not made.synthesizer.voices
    assert made.event("response.output_text.done").text == "Here is a short answer of eight words."


def test_a_session_update_answers_with_the_whole_session() -> None:
    update = {"type": "session.update", "session": {"instructions": "Be a pirate."}}
    made = call(6, events=script((1, update), (2, typed("hi")), (2, CREATE)))
    session = made.event("session.updated").session
    assert session.instructions == "Be a pirate."
    assert session.audio.input.turn_detection.silence_duration_ms == 500
    assert roles(made)[0] == ("system", "Be a pirate.")


def test_one_response_at_a_time() -> None:
    second = {**CREATE, "event_id": "mine"}
    made = call(8, events=script((1, typed("hi")), (1, CREATE), (1.1, second)))
    error = made.event("error").error
    assert (error.code, error.event_id) == ("conversation_already_has_active_response", "mine")
    assert made.types.count("response.created") == 1


def test_a_response_asked_for_while_one_is_played_waits_for_its_end() -> None:
    made = call(12, events=script((1, typed("hi")), (1, CREATE), (2.5, CREATE)))
    stops = [at for at, kind in made.timed if kind == "output_audio_buffer.stopped"]
    starts = [at for at, kind in made.timed if kind == "output_audio_buffer.started"]
    assert len(starts) == 2
    assert starts[1] >= stops[0]


def test_cancel_ends_the_making_and_clear_the_hearing() -> None:
    made = call(
        8,
        chat=ScriptedChat(["word " * 60]),
        events=script(
            (1, typed("hi")),
            (1, CREATE),
            (2.0, {"type": "response.cancel"}),
            (2.5, {"type": "output_audio_buffer.clear"}),
        ),
    )
    assert made.event("response.done").response.status == "cancelled"
    cleared = made.first("output_audio_buffer.cleared")
    assert made.first("response.done") == pytest.approx(2.0, abs=0.03)
    assert cleared == pytest.approx(2.5, abs=0.03)
    assert max(at for at, _ in made.wire.heard) <= cleared
    assert all(voice.closed for voice in made.synthesizer.voices)


def test_cancel_and_clear_with_nothing_to_stop_do_no_harm() -> None:
    events = script((1, {"type": "response.cancel"}), (1, {"type": "output_audio_buffer.clear"}))
    made = call(3, events=events)
    assert [e.error.code for _, e in made.wire.said if hasattr(e, "error")] == [
        "response_cancel_not_active"
    ]


def test_a_turn_by_hand_waits_for_its_words() -> None:
    """Push to talk: response.create right behind the commit answers what was just said."""
    made = call(
        8,
        words=[Word("hello", 1.0)],
        events=script((0, BY_HAND), (2, {"type": "input_audio_buffer.commit"}), (2, CREATE)),
    )
    assert roles(made)[-1] == ("user", "hello")
    order = [kind for kind in made.types if kind.startswith(("input_audio", "response.created"))]
    assert order == ["input_audio_buffer.committed", "response.created"]


def test_a_commit_of_nothing_is_refused() -> None:
    commit = {"type": "input_audio_buffer.commit", "event_id": "c"}
    made = call(3, events=script((0, BY_HAND), (1, commit), (1.04, commit)))
    error = made.event("error").error
    assert (error.code, error.event_id) == ("input_audio_buffer_commit_empty", "c")


def test_items_are_made_retrieved_and_deleted() -> None:
    message = {"id": "mine", **typed("hi")["item"]}
    made = call(
        3,
        events=script(
            (1, {"type": "conversation.item.create", "item": message}),
            (1, {"type": "conversation.item.retrieve", "item_id": "mine"}),
            (1, {"type": "conversation.item.delete", "item_id": "mine"}),
            (1, {"type": "conversation.item.retrieve", "item_id": "mine", "event_id": "e"}),
        ),
    )
    assert text_of(made.event("conversation.item.retrieved").item) == "hi"
    assert made.event("conversation.item.deleted").item_id == "mine"
    assert made.event("error").error.param == "item_id"


def test_truncate_says_more_than_there_is_and_gets_all_of_it() -> None:
    first = call(8, events=script((1, typed("hi")), (1, CREATE)))
    item_id = first.event("response.output_audio_transcript.done").item_id
    truncate = {"type": "conversation.item.truncate", "item_id": item_id, "content_index": 0}
    made = call(
        8,
        events=script((1, typed("hi")), (1, CREATE), (5, {**truncate, "audio_end_ms": 99_000})),
    )
    assert made.event("conversation.item.truncated").audio_end_ms == 8 * 300


@pytest.mark.parametrize(
    ("text", "param"),
    [
        ("{", None),
        ('{"type":"session.update","session":{"tools":[{}]}}', "session.tools[0].name"),
        (json.dumps({**typed("x"), "previous_item_id": "nobody"}), "previous_item_id"),
        ('{"type":"input_audio_buffer.append","audio":"AAAA"}', "type"),
    ],
)
def test_a_wrong_event_is_told_and_the_call_goes_on(text: str, param: str | None) -> None:
    made = call(8, events=[(0.5, text), *script((1, typed("hi")), (1, CREATE))])
    assert made.event("error").error.param == param
    assert made.event("response.done").response.status == "completed"


def test_every_event_has_an_id_of_its_own() -> None:
    made = call(8, speech=[(1, 2)], words=[Word("hi", 1.5)])
    ids = [event.event_id for _, event in made.wire.said]
    assert all(ids)
    assert len(set(ids)) == len(ids)
