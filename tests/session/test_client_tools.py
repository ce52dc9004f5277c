"""Functions that the client runs, on the virtual clock."""

import json
from typing import Any

from rtcserver.realtime.events.conversation import ConversationItemAdded
from rtcserver.realtime.items import FunctionCallOutput
from rtcserver.services.llm.base import ChatEvent, Finish, TextDelta, ToolCall
from rtcserver.services.llm.scripted import ScriptedChat
from tests.session.calls import Call, call

CREATE = {"type": "response.create"}
LOOK_UP: list[ChatEvent] = [ToolCall("c1", "look_up", "{}"), Finish("tool_calls")]


def script(*events: tuple[float, dict[str, Any]]) -> list[tuple[float, str]]:
    return [(at, json.dumps(event)) for at, event in events]


def result(call_id: str, output: str = "42") -> dict[str, Any]:
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    return {"type": "conversation.item.create", "item": item, "event_id": output}


def results(made: Call) -> list[str]:
    return [
        event.item.output
        for _, event in made.wire.said
        if isinstance(event, ConversationItemAdded) and isinstance(event.item, FunctionCallOutput)
    ]


def told(made: Call) -> list[tuple[str, str]]:
    """The results that the chat model was told in its last request."""
    messages = made.chat.requests[-1].messages
    return [(m["tool_call_id"], m["content"]) for m in messages if m["role"] == "tool"]


def test_a_result_that_is_sent_twice_counts_once() -> None:
    made = call(
        8,
        chat=ScriptedChat([LOOK_UP, "It is 42."]),
        events=script((1, CREATE), (2, result("c1", "42")), (2, result("c1", "43")), (3, CREATE)),
    )
    assert results(made) == ["42"]
    assert told(made) == [("c1", "42")]
    error = made.event("error").error
    assert (error.code, error.param, error.event_id) == ("invalid_value", "item.call_id", "43")


def test_cancelling_a_response_keeps_the_call_it_made() -> None:
    talks_on: list[ChatEvent] = [LOOK_UP[0], *(TextDelta(" word") for _ in range(100))]
    made = call(
        9,
        chat=ScriptedChat([talks_on, "It is 42."]),
        events=script(
            (1, CREATE), (2, {"type": "response.cancel"}), (4, result("c1")), (5, CREATE)
        ),
    )
    done = made.event("response.done").response
    assert done.status == "cancelled"
    assert (done.output[0].call_id, done.output[0].status) == ("c1", "completed")
    assert told(made) == [("c1", "42")]


def test_a_result_is_taken_after_its_call_was_deleted() -> None:
    first = call(3, chat=ScriptedChat([LOOK_UP]), events=script((1, CREATE)))
    item_id = first.event("response.output_item.done").item.id
    delete = {"type": "conversation.item.delete", "item_id": item_id}
    made = call(
        6,
        chat=ScriptedChat([LOOK_UP]),
        events=script((1, CREATE), (2, delete), (3, result("c1")), (3, result("c1", "43"))),
    )
    assert results(made) == ["42"]


def test_a_model_that_uses_one_id_for_two_calls_gets_two_results() -> None:
    made = call(
        9,
        chat=ScriptedChat([LOOK_UP, LOOK_UP, "Both."]),
        events=script((1, CREATE), (2, result("c1", "one")), (2, CREATE), (4, CREATE)),
    )
    second = made.event("response.function_call_arguments.done", 1).call_id
    assert second != "c1"
    again = call(
        9,
        chat=ScriptedChat([LOOK_UP, LOOK_UP, "Both."]),
        events=script(
            (1, CREATE),
            (2, result("c1", "one")),
            (2, CREATE),
            (3, result(second, "two")),
            (4, CREATE),
        ),
    )
    assert told(again) == [("c1", "one"), (second, "two")]
