"""A session inside a body: as it came, and as the documents tell of it.

msgspec reads no union of structs that are told apart by a field of their own, so a body is read
without its session, and the session by parse_session().
"""

from typing import Annotated

from msgspec import Meta, Raw

from rtcserver.realtime.session_object import RealtimeSession, TranscriptionSession

KINDS = (RealtimeSession, TranscriptionSession)
_EITHER = [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in KINDS]

SessionField = Annotated[Raw, Meta(extra_json_schema={"anyOf": _EITHER})]
OptionalSession = Annotated[Raw, Meta(extra_json_schema={"anyOf": [*_EITHER, {"type": "null"}]})]


def no_session() -> Raw:
    return Raw(b"null")


def given(session: Raw) -> bytes | None:
    return None if bytes(session) == b"null" else bytes(session)
