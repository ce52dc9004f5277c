"""Functions that an RTVI client carries out."""

import json

from rtcserver.realtime.events import response as ev
from rtcserver.realtime.items import FunctionCall
from rtcserver.realtime.rtvi.dialect import RtviDialect
from tests.unit.realtime.rtvi_talk import AT, Json, answers, client, response, told


def called(dialect: RtviDialect, name: str, call_id: str) -> list[Json]:
    item = FunctionCall(id="item_2", call_id=call_id, name=name, arguments="")
    where: Json = {"response_id": "resp_1", "output_index": 0}
    of_item: Json = {**where, "item_id": "item_2", "call_id": call_id}
    return told(
        dialect,
        ev.ResponseOutputItemAdded(**where, item=item),
        ev.ResponseFunctionCallArgumentsDone(**of_item, name=name, arguments='{"city":"Paris"}'),
    )


def result(dialect: RtviDialect, call_id: str, value: object) -> tuple[Json, ...]:
    data = {"function_name": "weather", "tool_call_id": call_id, "result": value}
    return client(dialect, "llm-function-call-result", data)


def test_a_function_is_called_and_answered(dialect: RtviDialect) -> None:
    told(dialect, ev.ResponseCreated(response=response("in_progress")))
    assert called(dialect, "weather", "call_1") == [
        {"type": "llm-function-call-started", "data": {"function_name": "weather"}},
        {
            "type": "llm-function-call-in-progress",
            "data": {
                "function_name": "weather",
                "tool_call_id": "call_1",
                "arguments": {"city": "Paris"},
            },
        },
    ]
    told(dialect, ev.ResponseDone(response=response("completed")))
    create, respond = result(dialect, "call_1", {"sky": "blue"})
    assert create["item"]["type"] == "function_call_output"
    assert (create["item"]["call_id"], create["item"]["output"]) == ("call_1", '{"sky":"blue"}')
    assert respond["type"] == "response.create"


def test_results_of_one_response_are_answered_once_by_the_next(dialect: RtviDialect) -> None:
    told(dialect, ev.ResponseCreated(response=response("in_progress")))
    called(dialect, "weather", "call_1")
    called(dialect, "weather", "call_2")
    told(dialect, ev.ResponseDone(response=response("completed")))
    assert [event["type"] for event in result(dialect, "call_1", "blue")] == [
        "conversation.item.create"
    ]
    assert [event["type"] for event in result(dialect, "call_2", "grey")] == [
        "conversation.item.create",
        "response.create",
    ]


def test_a_result_that_comes_early_is_answered_when_the_response_is_over(
    dialect: RtviDialect,
) -> None:
    told(dialect, ev.ResponseCreated(response=response("in_progress")))
    called(dialect, "weather", "call_1")
    assert len(result(dialect, "call_1", "blue")) == 1
    exchange = dialect.from_session(ev.ResponseDone(response=response("completed")), AT)
    assert [json.loads(event)["type"] for event in exchange.to_session] == ["response.create"]


def test_the_client_learns_that_its_result_was_taken(dialect: RtviDialect) -> None:
    data = {"function_name": "weather", "tool_call_id": "call_1", "arguments": {}, "result": "blue"}
    assert answers(dialect, "llm-function-call-result", data) == [
        {
            "label": "rtvi-ai",
            "type": "llm-function-call-stopped",
            "data": {
                "function_name": "weather",
                "tool_call_id": "call_1",
                "cancelled": False,
                "result": "blue",
            },
        }
    ]
