"""What passes between an RTVI client and the session, as literal JSON."""

import json
from typing import Any

from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.codec import parse_client_event
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.rtvi.dialect import RtviDialect

AT = "2026-11-24T12:00:00Z"
Json = dict[str, Any]


def client(dialect: RtviDialect, kind: str, data: object, id: str = "m1") -> tuple[Json, ...]:
    """What one message of the client makes the session do."""
    text = json.dumps({"label": "rtvi-ai", "type": kind, "id": id, "data": data})
    events = dialect.from_client(text).to_session
    for event in events:
        parse_client_event(event)  # raises if the session could not take it
    return tuple(json.loads(event) for event in events)


def told(dialect: RtviDialect, *events: ServerEvent) -> list[Json]:
    """What the client is told; the label is the same everywhere."""
    texts = [text for event in events for text in dialect.from_session(event, AT).to_client]
    messages = [json.loads(text) for text in texts]
    assert all(message.pop("label") == "rtvi-ai" for message in messages)
    return messages


def answers(dialect: RtviDialect, kind: str, data: object) -> list[Json]:
    text = json.dumps({"label": "rtvi-ai", "type": kind, "id": "m1", "data": data})
    return [json.loads(answer) for answer in dialect.from_client(text).to_client]


def response(status: ev.ResponseStatus, details: Json | None = None) -> ev.Response:
    return ev.Response(id="resp_1", status=status, status_details=details)
