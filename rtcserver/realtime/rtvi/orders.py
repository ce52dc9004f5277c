"""RTVI client messages -> Realtime client events."""

from collections.abc import Iterator
from typing import Any

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ClientEvent
from rtcserver.realtime.codec import CLIENT_EVENTS, parse_client_event
from rtcserver.realtime.events.conversation import ConversationItemCreate
from rtcserver.realtime.events.output_audio_buffer import OutputAudioBufferClear
from rtcserver.realtime.events.response import ResponseCancel, ResponseCreate, ResponseParams
from rtcserver.realtime.items import FunctionCallOutput, InputText, Message, OutputText
from rtcserver.realtime.rtvi import messages as rtvi
from rtcserver.realtime.rtvi.messages import to_json
from rtcserver.realtime.rtvi.moment import Moment


def to_events(message: rtvi.Message, moment: Moment) -> Iterator[ClientEvent]:
    """Each bears the message's id as its own, so that errors find back. Raises ProtocolError."""
    match message.type:
        case "send-text":
            yield from _send_text(message, moment)
        case "append-to-context":
            yield from _append(message)
        case "llm-function-call-result":
            yield from _result(message, moment)
        case "client-message":
            yield _own(message)
        case other:
            raise ProtocolError(f"Unsupported type {other}", code="invalid_value", param="type")


def _send_text(message: rtvi.Message, moment: Moment) -> Iterator[ClientEvent]:
    """A text that is to be answered now interrupts, as in pipecat."""
    data = rtvi.data_of(message, rtvi.SendText)
    options = data.options or rtvi.TextOptions()
    if options.run_immediately and moment.responding:
        yield ResponseCancel()
    if options.run_immediately and moment.playing:
        yield OutputAudioBufferClear()
    yield _said(message.id, Message(role="user", content=(InputText(text=data.content),)))
    if options.run_immediately:
        yield _respond(message.id, audio=options.audio_response)


def _append(message: rtvi.Message) -> Iterator[ClientEvent]:
    data = rtvi.data_of(message, rtvi.AppendToContext)
    part = InputText if data.role == "user" else OutputText
    yield _said(message.id, Message(role=data.role, content=(part(text=data.content),)))
    if data.run_immediately:
        yield _respond(message.id)


def _result(message: rtvi.Message, moment: Moment) -> Iterator[ClientEvent]:
    data = rtvi.data_of(message, rtvi.FunctionResult)
    text = data.result if isinstance(data.result, str) else to_json(data.result)
    yield _said(message.id, FunctionCallOutput(call_id=data.tool_call_id, output=text))
    if moment.answered(data.tool_call_id):
        yield _respond(message.id)


def _own(message: rtvi.Message) -> ClientEvent:
    """A Realtime event in an envelope: what RTVI has no message for, such as session.update."""
    data = rtvi.data_of(message, rtvi.ClientMessage)
    if data.t not in CLIENT_EVENTS or not isinstance(data.d or {}, dict):
        raise ProtocolError(
            f"Unknown message {data.t!r}: 't' is the type of a Realtime client event, 'd' an"
            " object with its fields.",
            code="invalid_value",
            param="t",
        )
    fields: dict[str, Any] = data.d or {}
    event = fields | {"type": data.t, "event_id": message.id or None}
    return parse_client_event(to_json(event))


def _said(event_id: str, item: Message | FunctionCallOutput) -> ConversationItemCreate:
    return ConversationItemCreate(event_id=event_id or None, item=item)


def _respond(event_id: str, *, audio: bool = True) -> ResponseCreate:
    params = ResponseParams() if audio else ResponseParams(output_modalities=("text",))
    return ResponseCreate(event_id=event_id or None, response=params)
