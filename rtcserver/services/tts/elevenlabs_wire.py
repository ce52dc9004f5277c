"""The messages of ElevenLabs' stream-input: JSON in text frames, audio in base64. Pure.

Source: https://elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-stream-input
"""

from typing import Any

import msgspec

from rtcserver.services.openai_refusals import UNREADABLE, error_message

BEGIN = b'{"text":" "}'
END = b'{"text":""}'
"""Speak the rest, and close."""


class Alignment(msgspec.Struct, frozen=True, rename="camel"):
    """When each character sounds, counted from the beginning of this message's audio."""

    chars: tuple[str, ...] = ()
    char_start_times_ms: tuple[float, ...] = ()
    char_durations_ms: tuple[float, ...] = ()
    chars_durations_ms: tuple[float, ...] = ()
    """The same by the name it has in some of the documents."""

    @property
    def durations_ms(self) -> tuple[float, ...]:
        return self.char_durations_ms or self.chars_durations_ms


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """`alignment` is of the text as it was sent, `normalized_alignment` as it is pronounced; both
    may be missing where there is audio. `error` or a `message` come before a close."""

    audio: bytes | None = None
    alignment: Alignment | None = None
    normalized_alignment: Alignment | None = None
    is_final: bool | None = None
    error: Any = None
    message: Any = None

    @property
    def times(self) -> Alignment | None:
        return self.alignment or self.normalized_alignment

    @property
    def failure(self) -> str | None:
        """What went wrong, if something did."""
        reason = self.message or self.error
        return error_message(reason) if reason and not self.audio else None


_messages = msgspec.json.Decoder(Message)


def read(raw: bytes | str) -> Message:
    """Raises ValueError for garbage."""
    try:
        return _messages.decode(raw)
    except UNREADABLE as exc:
        raise ValueError(str(exc)) from exc


def text(clause: str) -> bytes:
    """To be spoken now, however short it is. A text has to end with a space."""
    return msgspec.json.encode({"text": f"{clause} ", "flush": True})
