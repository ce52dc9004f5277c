"""How a session update is merged into the session that holds."""

from typing import TypeVar

from msgspec import Struct, structs

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ABSENT
from rtcserver.realtime.session_object import (
    AnySession,
    Audio,
    AudioInput,
    AudioOutput,
    TranscriptionAudio,
)
from rtcserver.realtime.session_options import NoiseReduction, Transcription

S = TypeVar("S", bound=Struct)

_OURS = ("id", "object", "expires_at")
_DEEP = (Audio, AudioInput, AudioOutput, NoiseReduction, Transcription, TranscriptionAudio)


def updated(session: AnySession, update: AnySession) -> AnySession:
    """Raises ProtocolError if they are of different types: what a session is for stays."""
    if type(session) is not type(update):
        raise ProtocolError(
            f"This is a {session.type} session, and its type cannot change.",
            code="invalid_value",
            param="session.type",
        )
    return merge(session, update)


def merge(base: S, update: S) -> S:
    """`base` with every field that `update` has. Objects merge deeply; but those whose kinds
    share no fields, such as turn detection, are replaced as one. What only the server gives,
    such as `id`, stays."""
    changes = {}
    for name in update.__struct_fields__:
        new, old = getattr(update, name), getattr(base, name)
        if new is ABSENT or name in _OURS:
            continue
        deep = isinstance(new, _DEEP) and type(old) is type(new)
        changes[name] = merge(old, new) if deep else new
    return structs.replace(base, **changes)
