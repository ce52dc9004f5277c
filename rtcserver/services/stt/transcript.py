"""Read a transcription, streamed or whole. Pure: bytes in, words out.

OpenAI streams `transcript.text.delta` and `transcript.text.done`, vLLM chunks like those of a
chat, and others a `text` for every segment.
"""

from typing import Any

import msgspec

from rtcserver.errors import ServiceFailed
from rtcserver.services.json_events import JsonEvents
from rtcserver.services.openai_refusals import UNREADABLE, error_message
from rtcserver.text.words import WordCutter


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta | None = None


class _Event(msgspec.Struct, frozen=True):
    type: str = ""
    delta: str | None = None
    text: str | None = None
    choices: tuple[_Choice, ...] | None = None
    error: Any = None


class _Whole(msgspec.Struct, frozen=True):
    text: str
    """Without it, it is no transcription."""


_events = msgspec.json.Decoder(_Event)
_whole = msgspec.json.Decoder(_Whole)


class StreamedTranscript:
    """One transcription as it comes in. A word is told once the next one has begun."""

    def __init__(self) -> None:
        self._events = JsonEvents("stt", _events)
        self._cutter = WordCutter()
        self._said = False
        self._owes_end = False
        """It streams events by type: the last of them is still to come."""

    def push(self, data: bytes) -> list[str]:
        """Raises ServiceFailed for an error the server reports, and for garbage."""
        return [word for event in self._events.push(data) for word in self._take(event)]

    def end(self) -> list[str]:
        """The stream is over. Raises ServiceFailed if the transcription was not."""
        words = [word for event in self._events.flush() for word in self._take(event)]
        if self._owes_end and not self._events.done:
            raise ServiceFailed("stt", "cut off in mid-transcript")
        return _stripped(words + self._cutter.flush())

    def _take(self, event: _Event) -> list[str]:
        if event.error:
            raise ServiceFailed("stt", error_message(event.error))
        return _stripped(self._cutter.push(self._text(event)))

    def _text(self, event: _Event) -> str:
        text = ""
        match event.type:
            case "transcript.text.delta":
                text, self._owes_end = event.delta or "", True
            case "transcript.text.done":
                self._owes_end = False
                text = "" if self._said else event.text or ""
            case _ if event.choices:
                text = (event.choices[0].delta or _Delta()).content or ""
                self._owes_end = True
            case "" if event.text:
                text = f" {event.text}"
        self._said = self._said or bool(text)
        return text


def whole_transcript(body: bytes) -> list[str]:
    """The words of an answer that was not streamed. Raises ServiceFailed."""
    try:
        return _whole.decode(body).text.split()
    except UNREADABLE as exc:
        raise ServiceFailed("stt", f"garbage: {exc}") from exc


def _stripped(words: list[str]) -> list[str]:
    return [bare for word in words if (bare := word.strip())]
