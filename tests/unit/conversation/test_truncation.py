"""Which messages go when a conversation is longer than the chat model can read."""

import pytest

from rtcserver.conversation.context import ChatRequest
from rtcserver.conversation.history import History
from rtcserver.conversation.plan import Plan
from rtcserver.conversation.requests import Requests
from rtcserver.conversation.tokens import of_messages, of_request, of_text
from rtcserver.conversation.tool_offer import Offer
from rtcserver.conversation.truncation import ContextTooLong, room, to_drop
from rtcserver.realtime.items import InputText, Message
from rtcserver.realtime.session_options import (
    AudioPcm,
    RetentionRatio,
    TokenLimits,
    Truncation,
)


def ratio(kept: float, at_most: int | None = None) -> RetentionRatio:
    limits = None if at_most is None else TokenLimits(post_instructions=at_most)
    return RetentionRatio(retention_ratio=kept, token_limits=limits)


@pytest.mark.parametrize(
    ("costs", "space", "truncation", "dropped"),
    [
        ([10, 10, 10], 30, "auto", 0),
        ([10, 10, 10], 29, "auto", 1),
        ([10, 10, 10], 10, "auto", 2),
        ([10, 10, 99], 5, "auto", 2),  # the newest always stays
        ([10, 10, 10], 30, "disabled", 0),
        ([10] * 10, 100, ratio(0.5), 0),  # nothing is dropped before it has to be
        ([10] * 10, 99, ratio(0.8), 3),  # down to 79
        ([10] * 10, 99, ratio(0.0), 9),
        ([10] * 10, 1000, ratio(0.8, 50), 6),  # down to 40
        ([10] * 10, 50, ratio(0.8, 1000), 6),  # no limit is higher than the model's
        ([], 0, "auto", 0),
    ],
)
def test_the_oldest_go(costs: list[int], space: int, truncation: Truncation, dropped: int) -> None:
    assert to_drop(costs, space, truncation) == dropped


def test_a_session_may_forbid_it() -> None:
    with pytest.raises(ContextTooLong, match="about 30 tokens; 29 fit"):
        to_drop([10, 10, 10], 29, "disabled")


def test_an_answer_keeps_its_room() -> None:
    assert room(32_768, 768, "inf") == 32_768 - 768 - 4_096
    assert room(32_768, 768, 1_000) == 31_000
    assert room(2_000, 100, "inf") == 900  # but never more than half of all
    assert room(2_000, 5_000, 1) == 0


def test_tokens_are_estimated_by_the_bytes_of_the_text() -> None:
    assert (of_text(""), of_text("abcd"), of_text("abcde"), of_text("ŠŠ")) == (0, 1, 2, 1)
    messages = ({"role": "user", "content": "abcd"}, {"role": "user", "content": ""})
    assert of_messages(messages) == 4 + 1 + 4
    tool = {"type": "function", "function": {"name": "clock"}}
    assert of_request(ChatRequest(messages, (tool,))) > of_request(ChatRequest(messages))


def plan(truncation: Truncation) -> Plan:
    return Plan(
        model="m",
        instructions="",
        spoken=False,
        voice="v",
        speed=1.0,
        output_format=AudioPcm(),
        tools=(),
        tool_choice="auto",
        parallel_tool_calls=True,
        max_output_tokens=1,
        reasoning_effort=None,
        truncation=truncation,
    )


def add(history: History, *names: str) -> None:
    for name in names:
        text = InputText(text=name * 384)  # 100 tokens
        history.add(Message(id=name, role="user", content=(text,)))


NOTHING = Offer()  # to call


def names(request: ChatRequest) -> str:
    return "".join(message["content"][0] for message in request.messages)


def test_what_was_left_out_stays_out() -> None:
    """So that the next request begins like this one, and is found in the model's cache."""
    history = History()
    requests = Requests(history, context_tokens=501)
    add(history, *"abcde")
    assert names(requests.about_conversation(plan(ratio(0.6)), NOTHING)) == "abcde"
    add(history, "f")
    assert names(requests.about_conversation(plan(ratio(0.6)), NOTHING)) == "def"
    add(history, *"gh")
    assert names(requests.about_conversation(plan(ratio(0.6)), NOTHING)) == "defgh"
    assert names(requests.about(plan(ratio(0.6)), NOTHING, history)) == "fgh"


def test_what_is_not_yet_an_item_counts_too() -> None:
    history = History()
    requests = Requests(history, context_tokens=201)
    add(history, *"ab")
    assert names(requests.about_conversation(plan("auto"), NOTHING, "z" * 384)) == "bz"


def test_an_item_that_has_changed_is_counted_anew() -> None:
    history = History()
    requests = Requests(history, context_tokens=251)
    add(history, *"ab")
    assert names(requests.about_conversation(plan("auto"), NOTHING)) == "ab"
    longer = InputText(text="b" * 784)  # 200 tokens
    history.replace(Message(id="b", role="user", content=(longer,)))
    assert names(requests.about_conversation(plan("auto"), NOTHING)) == "b"
