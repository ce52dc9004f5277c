"""Responses that a client asks for, with wishes of their own."""

import gc
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from rtcserver.conversation.context import ChatRequest
from rtcserver.services.llm.base import ChatEvent, TextDelta, Usage
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call
from tests.session.test_client_events import script, typed

TALE = "Once upon a time there was a king who had three daughters and no sons."
TEXT: dict[str, Any] = {"output_modalities": ["text"]}


def create(event_id: str = "", **wishes: Any) -> dict[str, Any]:
    asked = {"type": "response.create", "response": wishes}
    return {**asked, "event_id": event_id} if event_id else asked


def contents(made: Call, nth: int = -1) -> list[str]:
    """What the chat model was told in its nth request."""
    return [str(message["content"]) for message in made.chat.requests[nth].messages]


def done(made: Call) -> list[tuple[str, str]]:
    events = [e for _, e in made.wire.said if e.__struct_config__.tag == "response.done"]
    return [(e.response.id, e.response.status) for e in events]  # type: ignore[attr-defined]


def test_every_response_object_carries_what_was_asked_for() -> None:
    wishes = create(
        metadata={"client_event_id": "e1"},
        max_output_tokens=100,
        audio={"output": {"voice": {"id": "nina"}, "format": {"type": "audio/pcmu"}}},
    )
    made = call(6, events=script((1, typed("hi")), (1, wishes)))
    for kind in ("response.created", "response.done"):
        response = made.event(kind).response
        assert response.metadata == {"client_event_id": "e1"}
        assert response.max_output_tokens == 100
        assert response.audio.output.voice == "nina"
        assert response.output_modalities == ("audio",)
        assert response.conversation_id.startswith("conv_")
    assert made.event("response.created").response.status == "in_progress"
    assert made.chat.requests[0].max_tokens == 100


def test_a_response_has_a_format_and_a_voice_of_its_own() -> None:
    other = create(audio={"output": {"voice": "nina", "format": {"type": "audio/pcma"}}})
    events = script((1, typed("hi")), (1, other), (5, create()))
    made = call(10, events=events)
    assert made.wire.formats == ["audio/pcma", "audio/pcm"]
    assert [voice.name for voice in made.synthesizer.voices] == ["nina", "default"]


def test_null_instructions_are_those_of_the_session() -> None:
    made = call(3, events=script((1, typed("hi")), (1, create(instructions=None))))
    assert contents(made)[0] == made.event("session.created").session.instructions
    assert "error" not in made.types


def test_out_of_band_a_response_leaves_no_trace_in_the_conversation() -> None:
    events = script(
        (1, typed("hi")),
        (1, create(conversation="none", metadata={"topic": "mood"}, **TEXT)),
        (4, create(**TEXT)),
    )
    made = call(8, events=events)
    response = made.event("response.done").response
    assert (response.conversation_id, response.metadata) == (None, {"topic": "mood"})
    assert response.output[0].content[0].text == "Here is a short answer of eight words."
    assert made.types.count("conversation.item.added") == 2  # "hi", and the second answer
    assert contents(made)[1:] == ["hi"]


def test_out_of_band_a_response_is_written_while_another_is_heard() -> None:
    events = script(
        (1, typed("hi")),
        (1, create()),
        (2, create(conversation="none", **TEXT)),
    )
    made = call(9, chat=ScriptedChat([TALE, "aside"]), events=events)
    first, second = (made.event("response.created", nth).response.id for nth in (0, 1))
    assert done(made) == [(second, "completed"), (first, "completed")]
    spoken = sum(len(samples) for _, samples in made.wire.heard)
    assert spoken == pytest.approx(15 * 0.3 * 24_000, abs=1_920)
    assert made.types.count("output_audio_buffer.stopped") == 1


def test_out_of_band_sound_waits_for_the_sound_before_it() -> None:
    events = script((1, typed("hi")), (1, create()), (2, create(conversation="none")))
    made = call(14, chat=ScriptedChat([TALE, "an aside"]), events=events)
    assert "error" not in made.types
    starts = [at for at, kind in made.timed if kind == "output_audio_buffer.started"]
    stops = [at for at, kind in made.timed if kind == "output_audio_buffer.stopped"]
    assert len(starts) == 2
    assert starts[1] >= stops[0]


def test_who_speaks_up_interrupts_what_is_heard_and_not_what_is_written_aside() -> None:
    made = call(
        10,
        speech=[(4.0, 5.0)],
        words=[Word("stop", 4.2)],
        chat=ScriptedChat([TALE, "a word " * 100, "Sorry."]),
        events=script((1, typed("hi")), (1, create()), (3.9, create(conversation="none", **TEXT))),
    )
    statuses = dict(done(made))
    aside = made.event("response.created", 1).response.id
    assert statuses[aside] == "completed"
    assert "conversation.item.truncated" in made.types


def test_input_replaces_the_conversation_and_may_refer_to_it() -> None:
    item = typed("first")["item"]
    events = script(
        (1, {**typed("hi"), "item": {**item, "id": "mine"}}),
        (1, typed("second")),
        (
            2,
            create(
                instructions="Say yes or no.",
                input=[{"type": "item_reference", "id": "mine"}, typed("third")["item"]],
                **TEXT,
            ),
        ),
        (4, create(input=[], **TEXT)),
        (6, create(**TEXT)),
    )
    made = call(8, chat=ScriptedChat(["yes"]), events=events)
    assert contents(made, 0) == ["Say yes or no.", "first", "third"]
    assert contents(made, 1)[1:] == []
    assert contents(made, 2)[1:] == ["first", "second", "yes", "yes"]


@pytest.mark.parametrize(
    ("wishes", "param"),
    [
        ({"input": [{"type": "item_reference", "id": "nobody"}]}, "response.input[0].id"),
        (
            {"input": [{**typed("x")["item"], "role": "assistant"}]},
            "response.input[0].content[0].type",
        ),
        ({"input": [{"type": "no_such_item"}]}, "response.input[0].type"),
        ({"conversation": "mine"}, "response.conversation"),
        ({"audio": {"output": {"voice": 7}}}, "response.audio.output.voice"),
    ],
)
def test_a_wrong_wish_is_refused_by_name(wishes: dict[str, Any], param: str) -> None:
    made = call(3, events=script((1, create("mine", **wishes))))
    assert made.event("error").error.param == param
    assert made.event("error").error.event_id == "mine"
    assert "response.created" not in made.types


def test_any_response_can_be_cancelled_by_its_id() -> None:
    events = script((1, typed("hi")), (1, create(conversation="none", **TEXT)))
    aside = call(2, events=events).event("response.created").response.id
    cancel = {"type": "response.cancel", "response_id": aside}
    slow = ScriptedChat(["word " * 300])
    without_id = {"type": "response.cancel", "event_id": "mine"}
    made = call(6, chat=slow, events=[*events, *script((1.5, without_id), (2, cancel))])
    assert made.event("error").error.code == "response_cancel_not_active"
    assert done(made) == [(aside, "cancelled")]
    assert made.chat.aborted == 1


def test_usage_is_counted_or_estimated_and_always_whole() -> None:
    counting = ScriptedChat([[TextDelta("one two"), Usage(100, 7)], "three four"])
    made = call(
        14,
        speech=[(1.0, 2.0)],
        words=[Word("hello", 1.2)],
        chat=counting,
        events=script((7, typed("go on")), (7, create())),
    )
    counted, estimated = (made.event("response.done", nth).response.usage for nth in (0, 1))
    assert (counted.input_token_details.text_tokens, counted.input_token_details.audio_tokens) == (
        100,
        pytest.approx(10, abs=1),
    )
    assert counted.output_token_details.audio_tokens == pytest.approx(12, abs=1)
    assert counted.total_tokens == counted.input_tokens + counted.output_tokens
    assert estimated.input_token_details.audio_tokens == 0
    assert estimated.output_token_details.text_tokens == 3


def test_a_conversation_too_long_fails_its_response_if_it_must_not_be_shortened() -> None:
    never = {"type": "session.update", "session": {"truncation": "disabled"}}
    long = typed("word " * 30_000)
    made = call(8, events=script((0, never), (1, long), (1, create()), (2, typed("x"))))
    response = made.event("response.done").response
    assert response.status == "failed"
    assert response.status_details["error"]["code"] == "context_length_exceeded"
    assert made.chat.requests == []


def test_a_conversation_too_long_is_shortened_by_itself() -> None:
    long = typed("word " * 30_000)
    made = call(8, events=script((1, long), (1, typed("short")), (1, create())))
    assert contents(made)[1:] == ["short"]
    assert made.event("response.done").response.status == "completed"


def test_so_many_responses_beside_the_conversation_are_made_at_once_and_no_more() -> None:
    aside = create(conversation="none")  # spoken: they are heard one after another
    made = call(6, events=script(*[(1, aside)] * 17, (5, aside)), chat=ScriptedChat(["Hi."]))
    assert made.event("error").error.code == "rate_limit_exceeded"
    assert made.types.count("error") == 1
    assert made.types.count("response.created") == 17


def test_a_reply_that_was_heard_remembers_nothing_of_what_was_asked_for_it() -> None:
    """Else a call would hold its whole conversation once for every answer in it."""
    held: list[int] = []

    class Counting(ScriptedChat):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
            self.requests.clear()
            gc.collect()
            held.append(sum(isinstance(thing, ChatRequest) for thing in gc.get_objects()))
            async for event in super().stream(request):
                yield event

    turns = [(3.0 * turn + 1, create()) for turn in range(6)]
    made = call(20, events=script((0.5, typed("hi")), *turns), chat=Counting(["Short."]))
    assert [status for _, status in done(made)] == ["completed"] * 6
    assert held[5] == held[1]
