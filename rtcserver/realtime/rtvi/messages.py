"""The envelope of RTVI messages, and the data of those that a client sends.

https://docs.pipecat.ai/client/rtvi-standard
"""

from typing import Any, Literal, TypeVar

import msgspec

from rtcserver.errors import ProtocolError

VERSION = "2.1.0"
LABEL = "rtvi-ai"

_ENCODER = msgspec.json.Encoder()
T = TypeVar("T")


class Message(msgspec.Struct, frozen=True):
    """What is on the data channel. Without our label it is another layer's: signalling, pings."""

    type: str
    id: str = ""
    label: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class ClientReady(msgspec.Struct, frozen=True):
    version: str = ""


class TextOptions(msgspec.Struct, frozen=True):
    run_immediately: bool = True
    audio_response: bool = True


class SendText(msgspec.Struct, frozen=True):
    content: str
    options: TextOptions | None = None


class AppendToContext(msgspec.Struct, frozen=True):
    role: Literal["user", "assistant"]
    content: str
    run_immediately: bool | None = None


class FunctionResult(msgspec.Struct, frozen=True):
    """`result` is any JSON."""

    tool_call_id: str
    function_name: str = ""
    result: Any = None


class ClientMessage(msgspec.Struct, frozen=True):
    """A message of the application's own; here `t` is the type of a Realtime client event."""

    t: str
    d: Any = None


_MESSAGE = msgspec.json.Decoder(Message)


def read_message(text: str | bytes) -> Message | None:
    """None for what is no RTVI message."""
    try:
        message = _MESSAGE.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return message if message.label == LABEL else None


def data_of(message: Message, kind: type[T]) -> T:
    """Raises ProtocolError."""
    try:
        return msgspec.json.decode(message.data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise ProtocolError(f"Invalid {message.type}: {exc}", code="invalid_value") from None


def write_message(kind: str, data: Any = None, *, answers: str = "") -> str:
    """`answers` is the id of the message that this is the answer to."""
    message: dict[str, Any] = {"label": LABEL, "type": kind}
    if answers:
        message["id"] = answers
    if data is not None:
        message["data"] = data
    return to_json(message)


def write_error(message: str, *, answers: str = "") -> str:
    """About one message of the client, or about the call, which goes on in either case."""
    if answers:
        return write_message("error-response", {"error": message}, answers=answers)
    return write_message("error", {"error": message, "fatal": False})


def to_json(value: Any) -> str:
    return _ENCODER.encode(value).decode()
