"""What the client asks for, on the virtual clock."""

import asyncio
import json
from typing import Any

import pytest
from prometheus_client import REGISTRY

from rtcserver.audio.format import Samples
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.transports.base import AudioPart
from rtcserver.transports.scripted import ScriptedTransport
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


def test_a_response_asked_for_comes_even_if_nothing_was_said() -> None:
    made = call(
        8, events=script((0, BY_HAND), (2, {"type": "input_audio_buffer.commit"}), (2, CREATE))
    )
    assert made.event("response.done").response.status == "completed"
    assert len(made.chat.requests) == 1


def test_a_response_that_waits_for_its_words_can_be_cancelled() -> None:
    made = call(
        8,
        words=[Word("hello", 1.0)],
        events=script(
            (0, BY_HAND),
            (2, {"type": "input_audio_buffer.commit"}),
            (2, CREATE),
            (2, {"type": "response.cancel"}),
        ),
    )
    assert "response.created" not in made.types
    assert "error" not in made.types


def test_a_commit_does_not_wait_for_the_words_of_the_one_before() -> None:
    commit = {"type": "input_audio_buffer.commit"}
    made = call(
        8,
        transcribers=ScriptedTranscribers([Word("one", 1.0), Word("two", 2.2)], final_delay_s=1.0),
        events=script((0, BY_HAND), (2, commit), (2.5, commit), (2.5, CREATE)),
    )
    assert made.types.count("input_audio_buffer.committed") == 2
    completed = "conversation.item.input_audio_transcription.completed"
    assert [made.event(completed, nth).transcript for nth in (0, 1)] == ["one two", ""]
    assert made.event("response.done").response.status == "completed"


def test_what_follows_a_clear_is_a_turn_of_its_own() -> None:
    made = call(
        8,
        speech=[(1.0, 2.0), (4.0, 5.0)],
        words=[Word("no", 1.2), Word("yes", 4.5)],
        events=script((1.5, {"type": "input_audio_buffer.clear"})),
    )
    started = [e for _, e in made.wire.said if hasattr(e, "audio_start_ms")]
    assert [round(e.audio_start_ms, -2) for e in started] == [700, 1200, 3700]
    assert len({e.item_id for e in started}) == 3  # type: ignore[attr-defined]
    assert roles(made)[-1] == ("user", "yes")


def test_turn_detection_that_was_off_counts_silence_from_where_it_is_on() -> None:
    vad = {"type": "server_vad"}
    on = {"type": "session.update", "session": {"audio": {"input": {"turn_detection": vad}}}}
    made = call(8, speech=[(1.0, 3.0)], events=script((1.5, BY_HAND), (5.0, on)))
    assert made.first("input_audio_buffer.speech_stopped") == pytest.approx(5.5, abs=0.05)
    stopped = made.event("input_audio_buffer.speech_stopped")
    assert stopped.audio_end_ms == pytest.approx(5000, abs=40)


def test_a_commit_of_nothing_is_refused() -> None:
    commit = {"type": "input_audio_buffer.commit", "event_id": "c"}
    made = call(3, events=script((0, BY_HAND), (1, commit), (1.04, commit)))
    error = made.event("error").error
    assert (error.code, error.event_id) == ("input_audio_buffer_commit_empty", "c")


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
        (
            '{"type":"session.update","session":{"tools":[{"type":"function"}]}}',
            "session.tools[0].name",
        ),
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


class _Stuck(ScriptedTransport):
    """Takes no audio of its first response, as when playback is held before it begins."""

    first = ""

    async def write(self, frame: Samples, part: AudioPart) -> None:
        self.first = self.first or part.response_id
        if part.response_id == self.first:
            await asyncio.Event().wait()
        await super().write(frame, part)


def test_a_response_cancelled_before_its_first_sample_holds_up_no_other() -> None:
    cancel = {"type": "response.cancel"}
    events = script((1, typed("hi")), (1, CREATE), (3, cancel), (4, CREATE))
    made = call(10, events=events, wire_kind=_Stuck)
    statuses = [made.event("response.done", nth).response.status for nth in (0, 1)]
    assert statuses == ["cancelled", "completed"]


def test_every_error_that_is_told_is_counted() -> None:
    def told() -> float:
        return REGISTRY.get_sample_value("rtc_error_events_total", {"code": "invalid_json"}) or 0

    before = told()
    call(2, events=[(0.5, "{")])
    assert told() == before + 1
