"""The events of a call as AsyncAPI 3.0, from the structs that the codec reads and writes."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import defstruct, structs

from rtcserver import __version__
from rtcserver.realtime.base import ClientEvent, ServerEvent
from rtcserver.realtime.catalogue import SERVER_EVENTS
from rtcserver.realtime.codec import CLIENT_EVENTS
from rtcserver.realtime.session_object import AnySession
from rtcserver.server import session_field
from rtcserver.server.session_field import SessionField

Node = dict[str, Any]
Event = type[ClientEvent] | type[ServerEvent]
_CHANNEL = "#/channels/realtime"


def asyncapi() -> Node:
    """See https://www.asyncapi.com/docs/reference/specification/v3.0.0."""
    client: list[Event] = [*CLIENT_EVENTS.values()]
    server: list[Event] = [*SERVER_EVENTS.values()]
    events = client + server
    schemas, components = msgspec.json.schema_components(
        [*map(_describable, events), *session_field.KINDS],
        ref_template="#/components/schemas/{name}",
    )
    messages = {
        _name(event): {"name": _name(event), "summary": _summary(event), "payload": schema}
        for event, schema in zip(events, schemas, strict=False)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "rtcserver", "version": __version__, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": {
            "realtime": {
                "address": "/v1/realtime",
                "description": "Also the data channel oai-events of a call over WebRTC.",
                "messages": {name: _ref(f"#/components/messages/{name}") for name in messages},
            }
        },
        "operations": {
            "hear": _operation("receive", "What a client may say.", client),
            "tell": _operation("send", "What the server says.", server),
        },
        "components": {"messages": messages, "schemas": components},
    }


def _describable(event: Event) -> type:
    """The event itself, or one like it where its session may be of any type."""
    fields = [(field.name, field.type) for field in structs.fields(event)]
    if AnySession not in [kind for _, kind in fields]:
        return event
    told = [(name, SessionField if kind == AnySession else kind) for name, kind in fields]
    return defstruct(event.__name__, told, tag_field="type", tag=_name(event))


def _operation(action: str, summary: str, events: Iterable[Event]) -> Node:
    messages = [_ref(f"{_CHANNEL}/messages/{_name(event)}") for event in events]
    return {
        "action": action,
        "summary": summary,
        "channel": _ref(_CHANNEL),
        "messages": messages,
    }


def _name(event: Event) -> str:
    return str(event.__struct_config__.tag)


def _summary(event: Event) -> str:
    return " ".join((event.__doc__ or "").split())


def _ref(to: str) -> Node:
    return {"$ref": to}
