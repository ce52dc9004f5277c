"""What a chat model is asked: the conversation as messages, tools, limits.

Shapes as in OpenAI chat completions. An assistant message holds what was heard of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import to_builtins

from rtcserver.realtime.items import (
    FunctionCall,
    FunctionCallOutput,
    Item,
    text_of,
)
from rtcserver.realtime.items import (
    Message as MessageItem,
)
from rtcserver.realtime.session_object import Tool

Message = dict[str, Any]
"""{"role": "system"|"user"|"assistant"|"tool", "content": str, …}"""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    """Each {"type": "function", "function": {"name", "description", "parameters"}}."""
    tool_choice: str | dict[str, Any] | None = None
    max_tokens: int | None = None


def messages(instructions: str, items: Iterable[Item], pending: str = "") -> tuple[Message, ...]:
    """`pending` is what the user has just said, before it is an item."""
    out: list[Message] = []
    if instructions:
        out.append({"role": "system", "content": instructions})
    out += (message for item in items if (message := _message(item)))
    if pending:
        out.append({"role": "user", "content": pending})
    return tuple(out)


def _message(item: Item) -> Message | None:
    match item:
        case MessageItem(role=role):
            text = text_of(item)
            return {"role": role, "content": text} if text else None
        case FunctionCall(call_id=call_id, name=name, arguments=arguments):
            function = {"name": name, "arguments": arguments}
            call = {"id": call_id, "type": "function", "function": function}
            return {"role": "assistant", "content": "", "tool_calls": [call]}
        case FunctionCallOutput(call_id=call_id, output=output):
            return {"role": "tool", "tool_call_id": call_id, "content": output}


def function_tools(tools: Iterable[Tool]) -> tuple[dict[str, Any], ...]:
    """The session's tools as chat completions spells them."""
    return tuple(
        {
            "type": "function",
            "function": {k: v for k, v in to_builtins(tool).items() if k != "type"},
        }
        for tool in tools
    )


def chat_tool_choice(choice: str | dict[str, Any]) -> str | dict[str, Any]:
    """{"type": "function", "name": N} of the session becomes chat completions' nested form."""
    if isinstance(choice, dict) and "name" in choice:
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice
