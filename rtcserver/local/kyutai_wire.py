"""The messages of Kyutai's speech servers, as the server's side reads and writes them.

Every binary message is one msgpack map, "type" first. Audio is float32, which msgspec does not
write and reads four times slower than numpy; so its layout is spelt out here.
"""

import struct

import msgspec
import numpy as np
from numpy.typing import NDArray

from rtcserver.audio.format import SAMPLES_PER_FRAME, Samples
from rtcserver.errors import ProtocolError

Float32s = NDArray[np.float32]

_SINGLE = np.dtype([("tag", "u1"), ("value", ">f4")])  # msgpack float 32: 0xCA, big endian
_SINGLE_TAG = 0xCA
_AUDIO = b"\x82\xa4type\xa5Audio\xa3pcm"
_STEP = b"\x84\xa4type\xa4Step\xa8step_idx"
_PRS = b"\xa3prs\x94"
_BUFFERED = b"\xacbuffered_pcm"


class Audio(msgspec.Struct, frozen=True, tag="Audio"):
    """Mono, 24 kHz, -1 … 1; any length."""

    pcm: list[float]


class Marker(msgspec.Struct, frozen=True, tag="Marker"):
    """To be echoed once all words of the audio before it were sent."""

    id: int


class Init(msgspec.Struct, frozen=True, tag="Init"):
    """Means nothing between a client and us."""


class Text(msgspec.Struct, frozen=True, tag="Text"):
    """Whole words."""

    text: str


class Eos(msgspec.Struct, frozen=True, tag="Eos"):
    """No more words."""


class _Ready(msgspec.Struct, tag="Ready"):
    pass


class _Error(msgspec.Struct, tag="Error"):
    message: str


class _Word(msgspec.Struct, tag="Word"):
    text: str
    start_time: float


class _EndWord(msgspec.Struct, tag="EndWord"):
    stop_time: float


class _Spoken(msgspec.Struct, tag="Text"):
    text: str
    start_s: float
    stop_s: float


_encode = msgspec.msgpack.Encoder().encode
_listened: msgspec.msgpack.Decoder[Audio | Marker | Init] = msgspec.msgpack.Decoder(
    Audio | Marker | Init
)
_spoken: msgspec.msgpack.Decoder[Text | Eos] = msgspec.msgpack.Decoder(Text | Eos)

READY = _encode(_Ready())


def error(message: str) -> bytes:
    return _encode(_Error(message))


def word(text: str, start_s: float) -> bytes:
    return _encode(_Word(text, start_s))


def end_word(stop_s: float) -> bytes:
    return _encode(_EndWord(stop_s))


def marker(number: int) -> bytes:
    return _encode(Marker(number))


def spoken(text: str, start_s: float, stop_s: float) -> bytes:
    return _encode(_Spoken(text, start_s, stop_s))


def step(index: int, pauses: Float32s, buffered: int) -> bytes:
    """`pauses`: P(a pause of 0.5, 1, 2, 3 s), shape (4,). `buffered`: samples not decoded yet."""
    return _STEP + _encode(index) + _PRS + _singles(pauses) + _BUFFERED + _encode(buffered)


def audio(frame: Samples) -> bytes:
    """One frame of 80 ms, shape (1920,)."""
    header = _AUDIO + b"\xdc" + struct.pack(">H", SAMPLES_PER_FRAME)
    return header + _singles(frame.astype(np.float32) / np.float32(32_768))


def _singles(values: Float32s) -> bytes:
    packed = np.empty(len(values), _SINGLE)
    packed["tag"] = _SINGLE_TAG
    packed["value"] = values
    return packed.tobytes()


def read_listened(data: bytes) -> Samples | Marker | Init:
    """A message to the recogniser; audio comes as int16. Raises ProtocolError."""
    pcm = _read_singles(data)
    if pcm is not None:
        return _samples(pcm)
    try:
        message = _listened.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise ProtocolError(str(exc), code="malformed") from exc
    return _samples(np.array(message.pcm)) if isinstance(message, Audio) else message


def read_spoken(data: bytes) -> Text | Eos:
    """A binary message to the synthesizer. Raises ProtocolError."""
    if data == b"\0":
        return Eos()
    try:
        return _spoken.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise ProtocolError(str(exc), code="malformed") from exc


def _read_singles(data: bytes) -> NDArray[np.generic] | None:
    """The samples of an Audio message that is laid out as usual, all float32; else None."""
    array = len(_AUDIO)
    start = array + {b"\xdc": 3, b"\xdd": 5}.get(data[array : array + 1], 0)
    if not data.startswith(_AUDIO) or start == array or (len(data) - start) % _SINGLE.itemsize:
        return None
    packed = np.frombuffer(data, _SINGLE, offset=start)
    count = int.from_bytes(data[array + 1 : start], "big")
    if len(packed) != count or not (packed["tag"] == _SINGLE_TAG).all():
        return None
    values: NDArray[np.generic] = packed["value"]
    return values


def _samples(pcm: NDArray[np.generic]) -> Samples:
    """What is no number is silence; what is too loud is clipped."""
    scaled = np.nan_to_num(pcm.astype(np.float64) * 32_768, nan=0.0)
    return np.clip(np.rint(scaled), -32_768, 32_767).astype(np.int16)
