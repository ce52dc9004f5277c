"""A tool that runs for five seconds and is interrupted three times has its result told once."""

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from rtcserver.conversation.context import ChatRequest
from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.realtime.events.conversation import ConversationItemAdded, ConversationItemDone
from rtcserver.realtime.items import FunctionCallOutput
from rtcserver.realtime.mcp_items import McpCall
from rtcserver.services.llm.acceptable import acceptable
from rtcserver.services.llm.base import TextDelta, ToolCall
from rtcserver.services.llm.scripted import Reply, ScriptedChat
from rtcserver.services.tools.scripted import ScriptedTool, ScriptedTools
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

OF_EACH_POLICY, OF_THE_CLIENT = 70, 200
RESULT = "forty two"


def answer(request: ChatRequest) -> Reply:
    """The tool is called once, in the first answer; every other one is talk."""
    if any("tool_calls" in message for message in request.messages):
        return "Well then, here is something to listen to for a while."
    spoken = [TextDelta(f" {word}") for word in ["Let", "me", "look", "that", "up", "for", "you"]]
    return [*spoken, ToolCall("c1", "look_up", "{}")]


def interrupted(seed: int) -> tuple[list[tuple[float, float]], list[Word]]:
    """A question, three interruptions while the tool runs, and a last question."""
    dice = random.Random(seed)
    speech = [(1.0, 1.6)]
    begin = dice.uniform(2.6, 3.0)
    for _ in range(3):
        end = begin + dice.uniform(0.4, 0.6)
        speech.append((begin, end))
        begin = end + dice.uniform(0.7, 1.0)
    speech.append((11.0, 11.6))
    return speech, [Word("word", start + 0.2) for start, _ in speech]


def run(speech: list[tuple[float, float]], words: list[Word], **others: Any) -> Call:
    chat = ScriptedChat(answer)
    return call(13.5, speech=speech, words=words, chat=chat, beat_s=0.08, **others)


def told(made: Call) -> list[str]:
    """Results in the last request to the chat model, in the form in which it gets them."""
    messages = acceptable(made.chat.requests[-1].messages)
    return [message["content"] for message in messages if message["role"] == "tool"]


def calls_done(made: Call) -> list[McpCall]:
    events = [event for _, event in made.wire.said if isinstance(event, ConversationItemDone)]
    return [event.item for event in events if isinstance(event.item, McpCall)]


@pytest.mark.parametrize("policy", OnInterrupt)
def test_of_the_servers_own_tools(policy: OnInterrupt) -> None:
    for seed in range(OF_EACH_POLICY):
        speech, words = interrupted(seed)
        tool = ScriptedTool(RESULT, seconds=5, on_interrupt=policy)
        tools = ScriptedTools({"look_up": tool}, labels=("own",))
        made = run(speech, words, tools=tools)
        [item] = calls_done(made)
        assert made.types.count("input_audio_buffer.committed") == 5, seed
        assert [name for name, _ in tools.calls] == ["look_up"], seed
        cancelled = policy is OnInterrupt.CANCEL
        assert (item.output == RESULT, item.error is not None) == (not cancelled, cancelled), seed
        assert len(told(made)) == 1, seed
        assert (told(made) == [RESULT]) is not cancelled, seed
        assert tools.finished == ([] if cancelled else ["look_up"]), seed
        assert tools.open_now == 0, seed


def test_of_the_clients_functions() -> None:
    for seed in range(OF_THE_CLIENT):
        dice = random.Random(seed)
        speech, words = interrupted(seed)
        made = run(speech, words, events=sent_more_than_once(dice))
        results = [
            event.item
            for _, event in made.wire.said
            if isinstance(event, ConversationItemAdded)
            and isinstance(event.item, FunctionCallOutput)
        ]
        assert [item.output for item in results] == [RESULT], seed
        assert told(made) == [RESULT], seed


def sent_more_than_once(dice: random.Random) -> Sequence[tuple[float, str]]:
    """The client sends its result late, up to three times, and cancels responses meanwhile."""
    item = {"type": "function_call_output", "call_id": "c1", "output": RESULT}
    result = json.dumps({"type": "conversation.item.create", "item": item})
    cancel = json.dumps({"type": "response.cancel"})
    sent = [(dice.uniform(7.0, 10.5), result) for _ in range(dice.randint(1, 3))]
    return sorted([*sent, *((dice.uniform(2.0, 9.0), cancel) for _ in range(2))])
