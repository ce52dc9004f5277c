"""What a chat model is asked: the conversation as messages, tools, limits.

Shapes as in OpenAI chat completions. An assistant message holds what was heard of it.
"""

from collections.abc import Iterable, Iterator
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
from rtcserver.realtime.mcp_items import McpApprovalRequest, McpApprovalResponse, McpCall
from rtcserver.realtime.session_object import AnyTool, Tool

Message = dict[str, Any]
"""{"role": "system"|"user"|"assistant"|"tool", "content": str, …}"""


# A user who says nothing, as Kyutai's client (unmute) tells it: chat models take it as a cue to go
# on by themselves, where after their own last words they would say nothing.
_SILENCE = "..."


@dataclass(frozen=True, slots=True)
class ChatRequest:
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    """Each {"type": "function", "function": {"name", "description", "parameters"}}."""
    tool_choice: str | dict[str, Any] | None = None
    max_tokens: int | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    model: str = ""
    """The session's name for it; which model that is, the chat adapter knows."""


def messages(instructions: str, items: Iterable[Item], pending: str = "") -> tuple[Message, ...]:
    """`pending` is what the user has just said, before it is an item."""
    items, out = tuple(items), list[Message]()
    if instructions:
        out.append({"role": "system", "content": instructions})
    out += (message for item in items for message in _messages(item))
    if not pending and items and _is_silence(items[-1]):
        pending = _SILENCE
    if pending:
        out.append({"role": "user", "content": pending})
    return tuple(out)


def _is_silence(item: Item) -> bool:
    return isinstance(item, MessageItem) and item.role == "user" and not text_of(item)


def _messages(item: Item) -> Iterator[Message]:
    match item:
        case MessageItem(role=role):
            if text := text_of(item):
                yield {"role": role, "content": text}
        case FunctionCall(call_id=call_id, name=name, arguments=arguments):
            yield _call(call_id, name, arguments)
        case FunctionCallOutput(call_id=call_id, output=output):
            yield _result(call_id, output)
        case McpApprovalRequest(id=call_id, name=name, arguments=arguments):
            yield _call(call_id, name, arguments)
        case McpApprovalResponse(approval_request_id=call_id, approve=False, reason=reason):
            yield _result(call_id, f"The user did not allow this call. {reason or ''}".strip())
        case McpCall():
            yield from _mcp_messages(item)
        case _:
            pass


def _mcp_messages(call: McpCall) -> Iterator[Message]:
    """One that was approved goes on where the request for approval began it."""
    if call.approval_request_id is None:
        yield _call(call.id, call.name, call.arguments)
    call_id = call.approval_request_id or call.id
    if call.output is not None:
        yield _result(call_id, call.output)
    elif call.error is not None:
        yield _result(call_id, f"Error: {call.error.message}")


def _call(call_id: str, name: str, arguments: str) -> Message:
    function = {"name": name, "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def _result(call_id: str, text: str) -> Message:
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def function_tools(tools: Iterable[AnyTool]) -> tuple[dict[str, Any], ...]:
    """The session's tools as chat completions spells them."""
    return tuple(
        {
            "type": "function",
            "function": {k: v for k, v in to_builtins(tool).items() if k != "type"},
        }
        for tool in tools
        if isinstance(tool, Tool)
    )
