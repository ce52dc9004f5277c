"""What a session asks of any language model service."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from rtcserver.conversation.context import ChatRequest


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the reply, as the model split it."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One whole function call; `arguments` is JSON text as the model wrote it."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The reply is complete. `reason` is the service's own: "stop", "length", "tool_calls"…"""

    reason: str


ChatEvent = TextDelta | ToolCall | Usage | Finish


class ChatModel(Protocol):
    """One per process; streams are independent."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """The reply as it is made. Closing the iterator stops the service's work.
        Raises ServiceError."""
        ...

    async def probe(self) -> float:
        """Seconds of one health check. Raises ServiceError."""
        ...
