"""What of the Realtime API is spoken: openai's own types, held against our structs."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from openai.types.realtime import (
    ConversationItem,
    RealtimeClientEvent,
    RealtimeResponseCreateParams,
    RealtimeServerEvent,
    RealtimeSessionCreateRequest,
    RealtimeTranscriptionSessionCreateRequest,
)
from pydantic import BaseModel

from docs.contract_notes import ECHOED, NOTES, UNSUPPORTED
from rtcserver.realtime.catalogue import SERVER_EVENTS
from rtcserver.realtime.codec import CLIENT_EVENTS
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.realtime.items import Item
from rtcserver.realtime.session_object import RealtimeSession, TranscriptionSession

_PAGE = """# The contract

<!-- Written by `make docs`; change the code instead. -->

What rtcserver speaks of the OpenAI Realtime API. The left column is all that openai's own client
knows (`openai.types.realtime`). What is marked "yes" is accepted or sent, and has the effect it has
at OpenAI unless the note says otherwise; "echoed" is accepted, stored and told, without effect."""

TABLES: dict[str, tuple[Any, Any]] = {
    "Client events": (RealtimeClientEvent, CLIENT_EVENTS),
    "Server events": (RealtimeServerEvent, SERVER_EVENTS),
    "Items": (ConversationItem, Item),
    "Session": (RealtimeSessionCreateRequest, RealtimeSession),
    "Transcription session": (RealtimeTranscriptionSessionCreateRequest, TranscriptionSession),
    "response.create": (RealtimeResponseCreateParams, ResponseParams),
}

# What is below is free text of the client's, or items, which have events of their own.
_LEAVES = {"input", "prompt.variables", "tracing.metadata", "tools.parameters"}


def page() -> Iterator[str]:
    yield _PAGE
    for title in TABLES:
        yield f"\n## {title}\n"
        yield "| name | spoken | note |"
        yield "|---|---|---|"
        for name, spoken in rows(title):
            note = (NOTES if spoken else UNSUPPORTED)[title].get(name, "")
            yield f"| `{name}` | {_state(title, name, spoken)} | {note} |"
    yield ""


def _state(title: str, name: str, spoken: bool) -> str:
    if not spoken:
        return "no"
    return "echoed" if any(f"{name}.".startswith(f"{x}.") for x in ECHOED[title]) else "yes"


def rows(title: str) -> list[tuple[str, bool]]:
    """Each name that openai's client knows, and whether it is spoken here."""
    theirs, ours = TABLES[title]
    if isinstance(ours, dict):
        known, spoken = _event_types(theirs), set(ours)
    else:
        known, spoken = set(_fields(theirs)), set(_fields(ours))
    return [(name, name in spoken) for name in sorted(known)]


def _event_types(union: Any) -> set[str]:
    models = get_args(get_args(union)[0])
    return {get_args(model.model_fields["type"].annotation)[0] for model in models}


def _fields(hint: Any, under: str = "") -> Iterator[str]:
    """`audio.input.format.type`: every field of what `hint` can be, and of the objects inside."""
    for record in _records(hint):
        for name, inner in _hints(record).items():
            yield (path := f"{under}{name}")
            if path not in _LEAVES:
                yield from _fields(inner, f"{path}.")


def _hints(record: type) -> dict[str, Any]:
    if issubclass(record, BaseModel):
        return {name: field.annotation for name, field in record.model_fields.items()}
    assert issubclass(record, Struct)
    config = record.__struct_config__
    return get_type_hints(record) | ({str(config.tag_field): str} if config.tag else {})


def _records(hint: Any) -> Iterator[type]:
    """The kinds of object that a field can hold."""
    if isinstance(hint, type) and issubclass(hint, (Struct, BaseModel)):
        yield hint
    elif get_origin(hint) in (Union, types.UnionType, list, tuple, Annotated):
        for inner in get_args(hint):
            yield from _records(inner)
