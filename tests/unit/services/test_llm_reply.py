import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.errors import ServiceFailed
from rtcserver.ids import counting_ids
from rtcserver.services.llm.base import ChatEvent, Finish, TextDelta, ToolCall, Usage
from rtcserver.services.llm.reply import Reply


def sse(*payloads: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(p).encode() + b"\n\n" for p in payloads)


def said(content: str | None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content, **more}}]}


def finish(reason: str = "stop") -> dict[str, Any]:
    return {"choices": [{"delta": {}, "finish_reason": reason}]}


def calling(*pieces: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": list(pieces)}}]}


DONE = b"data: [DONE]\n\n"


def read(*chunks: bytes) -> list[ChatEvent]:
    reply = Reply(counting_ids())
    events = [event for chunk in chunks for event in reply.push(chunk)]
    return events + reply.end()


def test_text_is_handed_on_as_it_comes() -> None:
    reply = Reply(counting_ids())
    assert reply.push(sse(said("Hel"))) == [TextDelta("Hel")]
    assert reply.push(sse(said("lo"), finish())) == [TextDelta("lo")]
    assert reply.finished
    assert not reply.done
    assert reply.push(DONE) == []
    assert reply.done
    assert reply.end() == [Finish("stop")]


def test_what_says_nothing_is_passed_over() -> None:
    stream = (
        b": OPENROUTER PROCESSING\r\n\r\nevent: ping\n\ndata:\n\n"
        + sse({"choices": []}, said(None, role="assistant"), said(""), {"choices": None}, {})
        + sse({"choices": [{"delta": None}]}, said(None, reasoning_content="hm", reasoning="hm"))
        + sse(said("hi"), finish("length"))
    )
    assert read(stream, DONE) == [TextDelta("hi"), Finish("length")]


def test_usage_comes_before_the_finish() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
    events = read(sse(said("hi"), finish(), usage), DONE)
    assert events == [TextDelta("hi"), Usage(7, 2), Finish("stop")]


def test_thoughts_are_not_said() -> None:
    events = read(sse(said("<thi"), said("nk>let me"), said("</think>Yes"), finish()))
    assert events == [TextDelta("Yes"), Finish("stop")]


def test_what_only_looked_like_a_thought_is_said_at_the_end() -> None:
    assert read(sse(said("a <th"), finish())) == [TextDelta("a "), TextDelta("<th"), Finish("stop")]


def test_calls_are_put_together_by_index() -> None:
    events = read(
        sse(
            calling({"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}),
            calling({"index": 1, "id": "b", "function": {"name": "g", "arguments": '{"y"'}}),
            calling({"index": 0, "function": {"arguments": '{"x":'}}),
            calling({"index": 1, "function": {"arguments": ":2}"}}),
            calling({"index": 0, "function": {"arguments": "1}"}}),
            finish("tool_calls"),
        )
    )
    assert events == [
        ToolCall("a", "f", '{"x":1}'),
        ToolCall("b", "g", '{"y":2}'),
        Finish("tool_calls"),
    ]


def test_missing_ids_indexes_and_arguments_are_made_up() -> None:
    events = read(
        sse(
            calling({"function": {"name": "f"}}),
            calling({"id": "z", "index": 0, "function": {"name": "g", "arguments": {"k": 1}}}),
            finish(),
        )
    )
    assert events == [ToolCall("call_1", "f", "{}"), ToolCall("z", "g", '{"k":1}'), Finish("stop")]


def test_two_calls_of_one_index_are_told_apart_by_id() -> None:
    events = read(
        sse(
            calling({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}),
            calling({"index": 0, "id": "b", "function": {"name": "g", "arguments": "{}"}}),
            finish(),
        )
    )
    assert events[:2] == [ToolCall("a", "f", "{}"), ToolCall("b", "g", "{}")]


def test_calls_come_even_without_a_finish_reason() -> None:
    stream = sse(calling({"index": 0, "id": "a", "function": {"name": "f"}}))
    assert read(stream, DONE) == [ToolCall("a", "f", "{}"), Finish("stop")]


def test_a_last_line_without_line_feed_counts() -> None:
    assert read(sse(said("hi"), finish()).rstrip()) == [TextDelta("hi"), Finish("stop")]


def test_a_reply_cut_off_fails() -> None:
    with pytest.raises(ServiceFailed, match="cut off"):
        read(sse(said("hi")))


@pytest.mark.parametrize(
    ("garbage", "message"),
    [
        (b"data: {broken\n", "garbage"),
        (b"data: [1]\n", "garbage"),
        (sse({"choices": [{"delta": {"content": 5}}]}), "garbage"),
        (b"data: " + b"x" * (2**20 + 1), "garbage: a line of more"),
        (sse({"error": {"message": "out of\nmemory", "code": 500}}), "out of memory"),
        (sse({"error": "boom"}), "boom"),
    ],
)
def test_garbage_and_errors_fail(garbage: bytes, message: str) -> None:
    with pytest.raises(ServiceFailed, match=message):
        read(garbage)


STREAM = (
    b": ping\r\n"
    + sse(
        said("Hé <think>no"), said("</think>llo"), calling({"index": 0, "function": {"name": "f"}})
    )
    + sse(finish(), {"usage": {"prompt_tokens": 1, "completion_tokens": None}})
    + DONE
)


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
def test_where_the_network_cuts_makes_no_difference(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    events = read(*(STREAM[a:b] for a, b in zip(edges, edges[1:], strict=False)))
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "Hé llo"
    assert events[-3:] == [ToolCall("call_1", "f", "{}"), Usage(1, 0), Finish("stop")]


@pytest.mark.parametrize(
    "garbage",
    [
        b'{"choices":[{"delta":{"content":"\xff"}}]}',
        b'{"error":' + b"[" * 9_999 + b"]" * 9_999 + b"}",
    ],
)
def test_what_cannot_be_decoded_is_the_services_fault(garbage: bytes) -> None:
    with pytest.raises(ServiceFailed, match="garbage"):
        read(b"data: " + garbage + b"\n\n")
