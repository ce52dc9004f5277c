"""What one request tells of the conversation so far: the agent's whole memory."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rtcserver.local.agent.listen import plain

_LONGEST = 2_000  # characters of a message that are read; nobody says more in a breath

Message = dict[str, Any]
"""As in a chat completions request: {"role": …, "content": …, …}."""

_NAME = re.compile(
    r"\b(?:my (?:name is|names)|i am called|(?:they|people|you can|just|please) call me|^call me)"
    r" (?!(?:not|a|an|the|what|that|when|if|called|back|later|again|still|and|is|so|now)\b)([a-z]+)"
)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a function answered that this agent had called."""

    tool: str
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """The messages of a request, sorted. Texts are as they were written, oldest first."""

    asked: tuple[str, ...]
    """All the user said."""
    heard: str
    """The newest of it, plain."""
    answered: tuple[str, ...]
    """All the assistant said, empty replies left out."""
    result: ToolResult | None
    """What waits for a comment, if the last message is a tool's."""

    @property
    def name(self) -> str | None:
        """The name the user gave last."""
        names = (name_in(plain(text)) for text in reversed(self.asked))
        return next((name for name in names if name), None)

    def times_asked(self, pattern: re.Pattern[str]) -> int:
        """How many earlier messages of the user match."""
        return sum(bool(pattern.search(plain(text))) for text in self.asked[:-1])


def name_in(words: str) -> str | None:
    """The name that is given in plain words: "hello my name is alice" -> "Alice"."""
    match = _NAME.search(words)
    return match[1].capitalize() if match else None


def recall(messages: Sequence[Message]) -> Talk:
    """Sort the messages of a request, oldest first."""
    # Messages that follow each other come joined, a line each.
    asked = tuple(line for text in _texts(messages, "user") for line in text.splitlines() or [text])
    return Talk(
        asked=asked,
        heard=plain(asked[-1]) if asked else "",
        answered=tuple(text for text in _texts(messages, "assistant") if text),
        result=_result(messages),
    )


def _texts(messages: Sequence[Message], role: str) -> Iterator[str]:
    for message in messages:
        if message["role"] == role:
            yield text_of(message.get("content"))[:_LONGEST]


def text_of(content: Any) -> str:
    """Content is a text, or a list of parts of which only texts can be read here."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return " ".join(str(part.get("text", "")) for part in parts)


def _result(messages: Sequence[Message]) -> ToolResult | None:
    if not messages or messages[-1]["role"] != "tool":
        return None
    calls = (call for message in messages for call in message.get("tool_calls") or ())
    names = {call.get("id"): call["function"]["name"] for call in calls}
    last = messages[-1]
    return ToolResult(names.get(last.get("tool_call_id"), ""), text_of(last.get("content")))
