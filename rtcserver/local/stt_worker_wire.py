"""What the recogniser's server and its decoders say to each other: a length, then msgpack."""

import struct
from collections.abc import Iterator

import msgspec

from rtcserver.local.stt_words import HeardWord

RATE_HZ = 16_000
"""Of the audio that goes to a decoder: mono, 16 bit."""

LENGTH = struct.Struct("<I")


class Feed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Audio that continues the utterance, or starts one `start_s` seconds into the call."""

    pcm: bytes
    start_s: float


class End(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Finish utterance `number`."""

    number: int


class Hello(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A decoder's first word. It lives as long as its end of the connection."""

    pid: int


class Heard(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The words of the utterance so far; all of them, if it is the answer to End(`final`)."""

    words: list[HeardWord]
    taken: int  # bytes of audio decoded since the connection began
    final: int | None = None


Order = Feed | End
Report = Hello | Heard

orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)
_encode = msgspec.msgpack.Encoder().encode


def pack(message: Order | Report) -> bytes:
    body = _encode(message)
    return LENGTH.pack(len(body)) + body


class Unpacker:
    """Cuts a byte stream into message bodies."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, data: bytes) -> Iterator[bytes]:
        """Yield the body of each message that is complete."""
        buffer, at = self._rest + data, 0
        while len(buffer) - at >= LENGTH.size:
            (length,) = LENGTH.unpack_from(buffer, at)
            end = at + LENGTH.size + length
            if end > len(buffer):
                break
            yield buffer[at + LENGTH.size : end]
            at = end
        self._rest = buffer[at:]
