"""The messages of Kyutai's speech servers: msgpack maps tagged by "type". Pure.

Source: moshi-server, https://github.com/kyutai-labs/moshi/tree/main/rust/moshi-server
"""

from typing import Any, Generic, TypeVar, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from rtcserver.audio.format import Samples

_FULL_SCALE = np.float32(32768)
_UNIT = 1 / _FULL_SCALE  # exact: a power of two


T = TypeVar("T")


class _Tag(msgspec.Struct):
    type: str


class _Message(msgspec.Struct, tag=True, frozen=True):
    pass


class Ready(_Message, frozen=True):
    """The slot is ours."""


class Error(_Message, frozen=True):
    """It refuses us, or gives up; a close follows."""

    message: str = ""


class Step(_Message, frozen=True):
    """STT took in 80 ms. `prs`: P(pause of at least 0.5, 1, 2, 3 s); `buffered_pcm`: samples."""

    prs: tuple[float, ...] = ()
    buffered_pcm: int = 0


class Word(_Message, frozen=True):
    """STT recognised; `start_time` in seconds of the audio it was sent."""

    text: str
    start_time: float = 0.0


class EndWord(_Message, frozen=True):
    stop_time: float = 0.0


class Marker(_Message, frozen=True):
    """Sent to STT and echoed once all audio before it was heard."""

    id: int


class Text(_Message, frozen=True):
    """To TTS: words to say. From TTS: one of them, and when it sounds in this stream's audio."""

    text: str
    start_s: float = 0.0
    stop_s: float = 0.0


class Audio(_Message, frozen=True):
    """Mono PCM at 24 kHz in -1…1."""

    pcm: list[float]


Greeting = Ready | Error
SttMessage = Ready | Error | Step | Word | EndWord | Marker
TtsMessage = Ready | Error | Text | Audio

EOS = msgspec.msgpack.encode({"type": "Eos"})
_AUDIO = b"\x82\xa4type\xa5Audio\xa3pcm"  # a map of two entries; an array of floats follows
_FIXARRAY, _ARRAY16, _ARRAY32, _FLOAT32 = 0x90, 0xDC, 0xDD, 0xCA

_tag = msgspec.msgpack.Decoder(_Tag)


class _Reader(Generic[T]):
    """Knows the messages of one direction, and tells news from garbage."""

    def __init__(self, known: Any) -> None:
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(known)
        self._tags = {message.__name__ for message in get_args(known)}

    def read(self, raw: bytes) -> T | None:
        try:
            return self._decoder.decode(raw)
        except msgspec.DecodeError as garbage:
            if self._is_unknown(raw):
                return None
            raise ValueError(str(garbage)) from garbage

    def _is_unknown(self, raw: bytes) -> bool:
        try:
            return _tag.decode(raw).type not in self._tags
        except msgspec.DecodeError:
            return False


_greeting: _Reader[Greeting] = _Reader(Greeting)
_stt: _Reader[SttMessage] = _Reader(SttMessage)
_tts: _Reader[TtsMessage] = _Reader(TtsMessage)


def pack_audio(samples: Samples) -> bytes:
    """An Audio message of float32. Framed by numpy: a quarter of a generic packer's time."""
    floats = np.empty((len(samples), 5), np.uint8)
    floats[:, 0] = _FLOAT32
    floats[:, 1:] = (samples * _UNIT).astype(">f4").view(np.uint8).reshape(-1, 4)
    return _AUDIO + _array_header(len(samples)) + floats.tobytes()


def pack_marker(mark: int) -> bytes:
    return msgspec.msgpack.encode(Marker(mark))


def pack_text(text: str) -> bytes:
    return msgspec.msgpack.encode({"type": "Text", "text": text})


def read_greeting(raw: bytes) -> Greeting | None:
    """None for anything else: left over from the slot's former user. Raises ValueError."""
    return _greeting.read(raw)


def read_stt(raw: bytes) -> SttMessage | None:
    """None for a type this client does not know. Raises ValueError for garbage."""
    return _stt.read(raw)


def read_tts(raw: bytes) -> Ready | Error | Text | Samples | None:
    """Audio comes as samples. None and ValueError as in read_stt."""
    if (samples := _read_audio(raw)) is not None:
        return samples
    message = _tts.read(raw)
    if isinstance(message, Audio):
        return _to_samples(np.array(message.pcm, np.float32))
    return message


def _array_header(n: int) -> bytes:
    if n < 16:
        return bytes((_FIXARRAY | n,))
    if n < 2**16:
        return bytes((_ARRAY16,)) + n.to_bytes(2, "big")
    return bytes((_ARRAY32,)) + n.to_bytes(4, "big")


def _read_audio(raw: bytes) -> Samples | None:
    """The common case by numpy: an Audio message whose floats are all 32 bits wide."""
    start = len(_AUDIO) + 3
    if not raw.startswith(_AUDIO) or raw[len(_AUDIO) : len(_AUDIO) + 1] != bytes((_ARRAY16,)):
        return None
    if len(raw) - start != 5 * int.from_bytes(raw[start - 2 : start], "big"):
        return None
    floats = np.frombuffer(raw, np.uint8, offset=start).reshape(-1, 5)
    if not (floats[:, 0] == _FLOAT32).all():
        return None
    return _to_samples(np.ascontiguousarray(floats[:, 1:]).view(">f4").ravel())


def _to_samples(floats: NDArray[np.floating[Any]]) -> Samples:
    """int16; what is out of range is clipped, what is not a number counts as too low."""
    scaled = np.rint(floats.astype(np.float32) * _FULL_SCALE)
    samples: Samples = np.fmin(np.fmax(scaled, -32768), 32767).astype(np.int16)
    return samples
