"""JSON text <-> events, and nothing else. Strict in, terse out."""

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ClientEvent, ServerEvent
from rtcserver.realtime.events.conversation import (
    ConversationItemCreate,
    ConversationItemDelete,
    ConversationItemRetrieve,
    ConversationItemTruncate,
)
from rtcserver.realtime.events.input_audio_buffer import (
    InputAudioBufferAppend,
    InputAudioBufferClear,
    InputAudioBufferCommit,
)
from rtcserver.realtime.events.output_audio_buffer import OutputAudioBufferClear
from rtcserver.realtime.events.response import ResponseCancel, ResponseCreate
from rtcserver.realtime.events.session import SessionUpdate, TranscriptionSessionUpdate
from rtcserver.realtime.session_object import AnySession, RealtimeSession, TranscriptionSession

__all__ = [
    "CLIENT_EVENTS",
    "ServerEvent",
    "dump_event",
    "parse_body",
    "parse_client_event",
    "parse_session",
]

_KINDS: tuple[type[ClientEvent], ...] = (
    SessionUpdate,
    InputAudioBufferAppend,
    InputAudioBufferCommit,
    InputAudioBufferClear,
    OutputAudioBufferClear,
    ConversationItemCreate,
    ConversationItemRetrieve,
    ConversationItemDelete,
    ConversationItemTruncate,
    ResponseCreate,
    ResponseCancel,
)
CLIENT_EVENTS = {str(kind.__struct_config__.tag): kind for kind in _KINDS}

T = TypeVar("T")
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in CLIENT_EVENTS.items()}
_ENCODER = msgspec.json.Encoder()
# msgspec lets these two through for bytes that are no text, and for nesting without end.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# msgspec ends a message with " - at `$.session.audio`" or " - at `key` in `$.metadata`"
_PATH = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$\.?(?P<path>.*)`)?", re.DOTALL)


class _Head(Struct):
    type: Any = None
    event_id: Any = None
    session: msgspec.Raw = msgspec.Raw(b"null")


class _SessionHead(Struct):
    type: Any = None


_HEAD = msgspec.json.Decoder(_Head)
_SESSION_HEAD = msgspec.json.Decoder(_SessionHead)
_SESSION = msgspec.json.Decoder(RealtimeSession)
_TRANSCRIPTION = msgspec.json.Decoder(TranscriptionSession)
_TRANSCRIPTION_UPDATE = msgspec.json.Decoder(TranscriptionSessionUpdate)


def parse_client_event(text: str | bytes) -> ClientEvent:
    """Raises ProtocolError naming the field, with the client's event_id if it gave one."""
    try:
        head = _HEAD.decode(text)
    except msgspec.ValidationError:
        raise ProtocolError("An event is a JSON object.", code="invalid_event") from None
    except _UNREADABLE as exc:
        raise _not_json(exc) from None
    event_id = head.event_id if isinstance(head.event_id, str) else None
    decoder: msgspec.json.Decoder[Any] | None = None
    if isinstance(head.type, str):
        decoder = _DECODERS.get(head.type)
    if decoder is not None and decoder.type is SessionUpdate and _transcribes(head.session):
        decoder = _TRANSCRIPTION_UPDATE
    if decoder is None:
        raise ProtocolError(
            f"Unknown event type {head.type!r}; supported are {', '.join(CLIENT_EVENTS)}.",
            code="invalid_value",
            param="type",
            event_id=event_id,
        )
    try:
        event: ClientEvent = decoder.decode(text)
        return event
    except msgspec.ValidationError as exc:
        raise _invalid(exc, event_id) from None
    except _UNREADABLE as exc:  # inside a field that the head passed over
        raise _not_json(exc, event_id) from None


def parse_session(text: str | bytes | msgspec.Raw) -> AnySession:
    """The session object of an HTTP body. Raises ProtocolError naming the field."""
    if _transcribes(text):
        return parse_body(_TRANSCRIPTION, text, within="session")
    return parse_body(_SESSION, text, within="session")


def parse_body(
    decoder: msgspec.json.Decoder[T], text: str | bytes | msgspec.Raw, within: str = ""
) -> T:
    """`within` is the field that `text` is the value of. Raises ProtocolError naming the field."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as exc:
        raise _invalid(exc, None, within and f"{within}.") from None
    except _UNREADABLE as exc:
        raise _not_json(exc, param=within or None) from None


def _transcribes(session: bytes | str | msgspec.Raw) -> bool:
    """False as well for what is no session at all."""
    try:
        return bool(_SESSION_HEAD.decode(session).type == "transcription")
    except _UNREADABLE:
        return False


def dump_event(event: ServerEvent) -> str:
    return _ENCODER.encode(event).decode()


def _not_json(
    exc: Exception, event_id: str | None = None, param: str | None = None
) -> ProtocolError:
    why = "nested too deep" if isinstance(exc, RecursionError) else exc
    return ProtocolError(f"Not JSON: {why}", code="invalid_json", param=param, event_id=event_id)


def _invalid(exc: msgspec.ValidationError, event_id: str | None, prefix: str = "") -> ProtocolError:
    found = _PATH.fullmatch(str(exc))
    what, path = (found["what"], found["path"]) if found else (str(exc), None)
    missing = re.search(r"missing required field `(\w+)`", what)
    if missing:
        path = f"{path}.{missing[1]}" if path else missing[1]
    code = "missing_required_parameter" if missing else "invalid_value"
    param = prefix + path if path else prefix.removesuffix(".") or None
    where = f" at {param}" if param else ""
    return ProtocolError(f"{what}{where}", code=code, param=param, event_id=event_id)
