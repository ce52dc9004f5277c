"""The items of a conversation: messages, function calls and their results, calls by MCP.

https://platform.openai.com/docs/api-reference/realtime-client-events/conversation/item/create
"""

from typing import Literal

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ABSENT, Absent, Wire
from rtcserver.realtime.mcp_items import (
    McpApprovalRequest,
    McpApprovalResponse,
    McpCall,
    McpListTools,
)

Status = Literal["completed", "incomplete", "in_progress"]


class InputText(Wire, tag="input_text", tag_field="type", frozen=True, kw_only=True):
    text: str


class InputAudio(Wire, tag="input_audio", tag_field="type", frozen=True, kw_only=True):
    """`transcript` is null until the audio is understood; official clients need it to be there."""

    audio: str | Absent = ABSENT
    transcript: str | None = None


class OutputText(Wire, tag="output_text", tag_field="type", frozen=True, kw_only=True):
    text: str


class OutputAudio(Wire, tag="output_audio", tag_field="type", frozen=True, kw_only=True):
    """`transcript` is what the caller heard, once the caller has cut it short."""

    audio: str | Absent = ABSENT
    transcript: str = ""


Part = InputText | InputAudio | OutputText | OutputAudio


class Message(Wire, tag="message", tag_field="type", frozen=True, kw_only=True):
    id: str | Absent = ABSENT
    object: Literal["realtime.item"] = "realtime.item"
    status: Status = "completed"
    role: Literal["user", "assistant", "system"]
    content: tuple[Part, ...]


class FunctionCall(Wire, tag="function_call", tag_field="type", frozen=True, kw_only=True):
    id: str | Absent = ABSENT
    object: Literal["realtime.item"] = "realtime.item"
    status: Status = "completed"
    call_id: str
    name: str
    arguments: str


class FunctionCallOutput(
    Wire, tag="function_call_output", tag_field="type", frozen=True, kw_only=True
):
    id: str | Absent = ABSENT
    object: Literal["realtime.item"] = "realtime.item"
    status: Status = "completed"
    call_id: str
    output: str


ClientItem = Message | FunctionCall | FunctionCallOutput | McpApprovalResponse
"""What a client may put into the conversation; the others come from the server alone."""
Item = ClientItem | McpListTools | McpCall | McpApprovalRequest

PARTS_OF_ROLE: dict[str, tuple[type[Part], ...]] = {
    "user": (InputText, InputAudio),
    "assistant": (OutputText, OutputAudio),
    "system": (InputText,),
}


def check_parts(item: Item, where: str) -> None:
    """Raises ProtocolError if the role of a message cannot have such content; `where` is the
    field that `item` is the value of."""
    if not isinstance(item, Message):
        return
    allowed = PARTS_OF_ROLE[item.role]
    for index, part in enumerate(item.content):
        if not isinstance(part, allowed):
            names = " or ".join(str(kind.__struct_config__.tag) for kind in allowed)
            raise ProtocolError(
                f"Content of a {item.role} message is {names}.",
                code="invalid_value",
                param=f"{where}.content[{index}].type",
            )


def text_of(item: Item) -> str:
    """What a message says, as far as it is known; no other item says anything."""
    match item:
        case Message(content=parts):
            return " ".join(filter(None, map(_text_of_part, parts)))
        case _:
            return ""


def _text_of_part(part: Part) -> str:
    match part:
        case InputText(text=text) | OutputText(text=text):
            return text
        case InputAudio(transcript=transcript) | OutputAudio(transcript=transcript):
            return transcript or ""
