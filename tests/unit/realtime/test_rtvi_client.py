"""Messages as @pipecat-ai/client-js writes them."""

import json

import pytest

from rtcserver.realtime.events import output_audio_buffer as mouth
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.rtvi.dialect import RtviDialect
from tests.unit.realtime.rtvi_talk import answers, client, response, told


def test_a_client_that_is_ready_learns_that_the_bot_is(dialect: RtviDialect) -> None:
    about = {"library": "@pipecat-ai/client-js"}
    assert answers(dialect, "client-ready", {"version": "2.1.0", "about": about}) == [
        {
            "label": "rtvi-ai",
            "type": "bot-ready",
            "id": "m1",
            "data": {
                "version": "2.1.0",
                "about": {"library": "rtcserver", "library_version": "0.1.0"},
            },
        }
    ]


def test_a_client_of_another_major_version_is_warned(dialect: RtviDialect) -> None:
    ready, warning = answers(dialect, "client-ready", {"version": "1.4.0"})
    assert ready["type"] == "bot-ready"
    assert warning["type"] == "error-response"
    assert "1.4.0" in warning["data"]["error"]


@pytest.mark.parametrize(
    "text",
    [
        "ping: 1764000000000",
        '{"type":"signalling","message":{"type":"trackStatus","receiver_index":0,"enabled":true}}',
        "[]",
        b"\xff",
        "",
    ],
)
def test_what_is_no_rtvi_is_passed_over(dialect: RtviDialect, text: str | bytes) -> None:
    exchange = dialect.from_client(text)
    assert (exchange.to_client, exchange.to_session, exchange.leaves) == ((), (), False)


def test_a_text_is_an_item_and_a_response(dialect: RtviDialect) -> None:
    create, respond = client(dialect, "send-text", {"content": "Hello.", "options": {}})
    assert create["type"] == "conversation.item.create"
    assert create["item"]["role"] == "user"
    assert create["item"]["content"] == [{"type": "input_text", "text": "Hello."}]
    assert respond == {"type": "response.create", "event_id": "m1", "response": {}}


def test_a_text_may_be_answered_in_writing(dialect: RtviDialect) -> None:
    options = {"audio_response": False}
    _, respond = client(dialect, "send-text", {"content": "Hello.", "options": options})
    assert respond["response"] == {"output_modalities": ["text"]}


def test_a_text_may_wait_for_its_answer(dialect: RtviDialect) -> None:
    options = {"run_immediately": False}
    (create,) = client(dialect, "send-text", {"content": "Hello.", "options": options})
    assert create["type"] == "conversation.item.create"


def test_a_text_interrupts_what_is_being_made_and_played(dialect: RtviDialect) -> None:
    told(dialect, ev.ResponseCreated(response=response("in_progress")))
    told(dialect, mouth.OutputAudioBufferStarted(response_id="resp_1"))
    events = client(dialect, "send-text", {"content": "Stop."})
    assert [event["type"] for event in events] == [
        "response.cancel",
        "output_audio_buffer.clear",
        "conversation.item.create",
        "response.create",
    ]


def test_context_is_appended_in_the_role_that_is_given(dialect: RtviDialect) -> None:
    (create,) = client(dialect, "append-to-context", {"role": "assistant", "content": "I waited."})
    assert create["item"]["role"] == "assistant"
    assert create["item"]["content"] == [{"type": "output_text", "text": "I waited."}]


def test_a_message_of_its_own_carries_a_realtime_event(dialect: RtviDialect) -> None:
    session = {"type": "realtime", "instructions": "Be a pirate."}
    data = {"t": "session.update", "d": {"session": session}}
    (update,) = client(dialect, "client-message", data)
    assert update == {"type": "session.update", "event_id": "m1", "session": session}
    (receipt,) = answers(dialect, "client-message", data)
    assert (receipt["type"], receipt["id"]) == ("server-response", "m1")
    assert receipt["data"] == {"t": "session.update"}


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("dtmf", {"buttons": ["1"]}, "dtmf"),
        ("send-text", {}, "content"),
        ("send-text", None, "object"),
        ("client-message", {"t": "weather"}, "weather"),
        ("client-message", {"t": "session.update", "d": 1}, "object"),
        ("client-message", {"t": "session.update", "d": {"session": 1}}, "session"),
        ("append-to-context", {"role": "king", "content": ""}, "king"),
        ("llm-function-call-result", {"result": 1}, "tool_call_id"),
    ],
)
def test_what_cannot_be_done_is_answered_with_an_error(
    dialect: RtviDialect, kind: str, data: object, why: str
) -> None:
    (error,) = answers(dialect, kind, data)
    assert (error["type"], error["id"]) == ("error-response", "m1")
    assert why in error["data"]["error"]


def test_a_bot_that_is_sent_away_says_that_it_has_gone(dialect: RtviDialect) -> None:
    text = '{"label":"rtvi-ai","type":"disconnect-bot","id":"m1","data":{}}'
    exchange = dialect.from_client(text)
    assert exchange.leaves
    assert json.loads(exchange.to_client[0]) == {
        "type": "signalling",
        "message": {"type": "peerLeft"},
    }
