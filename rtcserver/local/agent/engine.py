"""Answer a conversation by rules, from nothing but its messages and the time of day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rtcserver.local.agent.mirror import reflect
from rtcserver.local.agent.rules import HANG_UP, RULES
from rtcserver.local.agent.tales import ENGLISH_ONLY, GREETING, PARDON
from rtcserver.local.agent.talk import Message, Talk, ToolResult, recall

_LONGEST_RESULT = 300  # characters of a function's answer that are read out


@dataclass(frozen=True, slots=True)
class Call:
    """A function the agent wants called; `arguments` is JSON text."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Reply:
    """The text comes first, then the calls. Both may be empty."""

    text: str
    calls: tuple[Call, ...] = ()


def reply(messages: Sequence[Message], tools: Sequence[str], now: datetime) -> Reply:
    """What to answer to `messages`, oldest first, when functions named `tools` are offered."""
    talk = recall(messages)
    if talk.result:
        return Reply(_comment(talk.result))
    if not talk.heard:
        return Reply(_ask_again(talk))
    for tool in tools:
        if tool != HANG_UP and tool.replace("_", " ").lower() in talk.heard:
            return Reply("One moment, please.", (Call(tool),))
    for rule in RULES:
        if (text := rule.answer_to(talk, now)) is not None:
            return Reply(text, (Call(rule.tool),) if rule.tool in tools else ())
    return Reply(reflect(talk.heard, turn=len(talk.asked)))


def _comment(result: ToolResult) -> str:
    """After a hang-up there is nobody left to talk to."""
    if result.tool == HANG_UP:
        return ""
    return f"Here is the answer. {result.text[:_LONGEST_RESULT]}" if result.text else "It is done."


def _ask_again(talk: Talk) -> str:
    if not talk.asked:
        return GREETING
    foreign = any(letter.isalpha() for letter in talk.asked[-1])
    return ENGLISH_ONLY if foreign else PARDON
