"""The chat completions wire of the demo agent: bodies in, bodies and chunks out."""

import json
from typing import Any

import pytest

from rtcserver.errors import ProtocolError
from rtcserver.ids import counting_ids
from rtcserver.local.agent.completion import Completion, complete, tokens
from rtcserver.local.agent.engine import Call, Reply
from rtcserver.local.agent.request import MODEL, ChatRequest, parse

USER = {"role": "user", "content": "hello there"}


def body(**fields: Any) -> bytes:
    return json.dumps({"model": MODEL, "messages": [USER], **fields}).encode()


def completion(reply: Reply, **fields: Any) -> Completion:
    return complete(parse(body(**fields)), reply, 1_700_000_000, counting_ids())


def rejected(content: bytes) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        parse(content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "param"),
    [
        (b'{"messages": [{"role": "user", "content": "hi"}]}', "model"),
        (b'{"model": "rtcserver-demo"}', "messages"),
        (body(messages=[]), "messages"),
        (body(messages=[{"content": "hi"}]), "messages[0].role"),
        (body(messages=[USER, {"role": "king", "content": "hi"}]), "messages[1].role"),
        (body(messages=[{"role": "user", "content": 5}]), "messages[0].content"),
        (body(stream="yes"), "stream"),
        (body(max_tokens=0), "max_tokens"),
        (body(n=2), "n"),
        (body(tools=[{"type": "function", "function": {}}]), "tools[0].function.name"),
    ],
)
def test_the_wrong_field_is_named(content: bytes, param: str) -> None:
    assert rejected(content).param == param


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
def test_what_is_no_json_object_is_rejected(content: bytes) -> None:
    assert rejected(content).param is None


def test_another_model_is_not_found() -> None:
    assert rejected(body(model="gpt-x")).code == "model_not_found"


def test_unknown_fields_and_nulls_are_accepted() -> None:
    request = parse(body(temperature=0.7, logit_bias={}, stream=None, tools=None, seed=1))
    assert isinstance(request, ChatRequest)


def test_a_request_without_tool_choice_offers_its_tools() -> None:
    tools = [{"type": "function", "function": {"name": "hang_up", "parameters": {}}}]
    assert parse(body(tools=tools)).tool_names() == ("hang_up",)
    assert parse(body(tools=tools, tool_choice="none")).tool_names() == ()


@pytest.mark.parametrize("text", ["", "Hello there!", "It's 3.5, isn't it?  Yes\n\n no \u2014 ok "])
def test_tokens_put_together_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_a_token_is_a_word_or_a_mark() -> None:
    assert tokens("Hello there, you!") == ["Hello", " there", ",", " you", "!"]


def test_a_whole_answer_has_the_shape_of_a_chat_completion() -> None:
    assert completion(Reply("Hi you.")).whole() == {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": MODEL,
        "system_fingerprint": None,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hi you.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
    }


def deltas(answer: Completion) -> list[Any]:
    chunks = [answer.opening(), *answer.deltas(), answer.closing()]
    return [chunk["choices"][0]["delta"] for chunk in chunks]


def test_a_stream_says_the_role_then_token_by_token() -> None:
    answer = completion(Reply("Hi you."))
    assert deltas(answer) == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Hi"},
        {"content": " you"},
        {"content": "."},
        {},
    ]
    assert answer.closing()["choices"][0]["finish_reason"] == "stop"


def test_calls_follow_the_text_name_first_and_arguments_after() -> None:
    answer = completion(Reply("Bye", (Call("hang_up"),)))
    called = {"index": 0, "id": "call_1", "type": "function"}
    assert deltas(answer)[2:] == [
        {"tool_calls": [{**called, "function": {"name": "hang_up", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
        {},
    ]
    assert answer.closing()["choices"][0]["finish_reason"] == "tool_calls"


def test_a_reply_is_cut_at_max_tokens() -> None:
    answer = completion(Reply("One two three.", (Call("hang_up"),)), max_completion_tokens=2)
    assert answer.pieces == ("One", " two")
    assert (answer.finish_reason, answer.calls) == ("length", ())


def test_the_totals_come_without_choices() -> None:
    totals = completion(Reply("Hi")).totals()
    assert totals["choices"] == []
    assert totals["usage"]["total_tokens"] == 3
