"""Check the body of a chat completions request, and name the field that is wrong."""

import re
from typing import Annotated, Any, Literal

import msgspec

from rtcserver.errors import ProtocolError
from rtcserver.local.agent.talk import Message

MODEL = "rtcserver-demo"

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Named(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Tool(msgspec.Struct):
    type: Literal["function"]
    function: Named


class Called(msgspec.Struct):
    id: str
    function: Named


class ChatMessage(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[Called] | None = None
    tool_call_id: str | None = None


class StreamOptions(msgspec.Struct):
    include_usage: bool = False


class ChatRequest(msgspec.Struct):
    """The fields that matter to the demo agent; all others are accepted and ignored."""

    model: str
    messages: Annotated[list[ChatMessage], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    max_tokens: Positive | None = None
    max_completion_tokens: Positive | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=1)] | None = None

    @property
    def limit(self) -> int | None:
        """Most tokens the reply may have."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def with_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage

    def tool_names(self) -> tuple[str, ...]:
        """Functions that may be called."""
        if self.tool_choice == "none":
            return ()
        return tuple(tool.function.name for tool in self.tools or ())

    def history(self) -> list[Message]:
        return [msgspec.to_builtins(message) for message in self.messages]


def parse(body: bytes) -> ChatRequest:
    """Raises ProtocolError with the field's name in `param`."""
    try:
        request = msgspec.json.decode(body, type=ChatRequest)
    except msgspec.ValidationError as exc:
        raise ProtocolError(str(exc), code="invalid_value", param=_field(str(exc))) from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ProtocolError(f"The body is not JSON: {exc}", code="invalid_json") from exc
    if request.model != MODEL:
        raise ProtocolError(
            f"The model {request.model!r} does not exist; the only one is {MODEL!r}",
            code="model_not_found",
            param="model",
        )
    return request


def _field(complaint: str) -> str | None:
    """The path in msgspec's "… `stream_options` … - at `$.messages[0]`" as messages[0]."""
    missing = re.search(r"missing required field `(\w+)`", complaint)
    path = re.search(r"at `\$\.?([^`]*)`", complaint)
    parts = [path[1] if path else "", missing[1] if missing else ""]
    return ".".join(part for part in parts if part) or None
