"""The messages of Deepgram's live transcription: audio in binary frames, the rest JSON. Pure.

Source: https://developers.deepgram.com/reference/speech-to-text/listen-streaming
"""

from dataclasses import dataclass

import msgspec

from rtcserver.audio.format import Samples
from rtcserver.services.openai_refusals import UNREADABLE
from rtcserver.turns.hearing import Word

KEEP_ALIVE = b'{"type":"KeepAlive"}'
FINALIZE = b'{"type":"Finalize"}'
CLOSE_STREAM = b'{"type":"CloseStream"}'


class _Word(msgspec.Struct, frozen=True):
    word: str
    start: float = 0.0
    end: float = 0.0
    punctuated_word: str | None = None


class _Alternative(msgspec.Struct, frozen=True):
    transcript: str = ""
    words: tuple[_Word, ...] = ()


class _Channel(msgspec.Struct, frozen=True):
    alternatives: tuple[_Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """A word, and when half of it has sounded."""

    word: Word
    middle_s: float


class Results(msgspec.Struct, frozen=True, tag="Results"):
    """What is heard in `duration` seconds of the audio sent, from `start` on. It may change as long
    as it is not `is_final`; `from_finalize`: because we asked. `speech_final` says beside it that
    a pause came, which our own turn detection knows."""

    channel: _Channel = _Channel()
    start: float = 0.0
    duration: float = 0.0
    is_final: bool = False
    from_finalize: bool = False

    @property
    def end_s(self) -> float:
        return self.start + self.duration

    def words(self) -> list[Timed]:
        """Of the best alternative. Servers that only copy the protocol may tell a bare text."""
        best = self.channel.alternatives[0] if self.channel.alternatives else _Alternative()
        if best.words:
            return [_timed(w.punctuated_word or w.word, w.start, w.end) for w in best.words]
        return [_timed(text, self.start, self.end_s) for text in best.transcript.split()]


class Failure(msgspec.Struct, frozen=True, tag="Error"):
    """It gives up; a close follows."""

    description: str = ""
    message: str = ""


class _Tag(msgspec.Struct):
    type: str


Message = Results | Failure
_messages: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_tag = msgspec.json.Decoder(_Tag)


def read(raw: bytes | str) -> Message | None:
    """None for what needs no answer: Metadata, SpeechStarted, UtteranceEnd and news to come.

    Raises ValueError for garbage."""
    try:
        if _tag.decode(raw).type not in ("Results", "Error"):
            return None
        return _messages.decode(raw)
    except UNREADABLE as exc:
        raise ValueError(str(exc)) from exc


def pcm(samples: Samples) -> bytes:
    """The content of a binary frame: linear16, which is little-endian."""
    return samples.astype("<i2").tobytes()


def _timed(text: str, start_s: float, end_s: float) -> Timed:
    return Timed(Word(text.strip(), max(0.0, start_s)), (start_s + end_s) / 2)
