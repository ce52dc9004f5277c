"""Turn samples into the bytes an event carries, and back."""

import base64
import binascii
from collections.abc import Callable

import numpy as np

from rtcserver.audio import g711
from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import Resampler
from rtcserver.errors import ProtocolError

_TO_G711: dict[str, Callable[[Samples], bytes]] = {
    "audio/pcmu": g711.mulaw_encode,
    "audio/pcma": g711.alaw_encode,
}
_FROM_G711: dict[str, Callable[[bytes], Samples]] = {
    "audio/pcmu": g711.mulaw_decode,
    "audio/pcma": g711.alaw_decode,
}


def decode_base64(text: str, *, param: str = "audio") -> bytes:
    """The bytes of a base64 field. Raises ProtocolError naming the field."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ProtocolError(
            f"Field '{param}' is not valid base64.", code="invalid_value", param=param
        ) from exc


class Encoder:
    """One stream of 24 kHz samples on its way out, as "audio/pcm", "audio/pcmu" or "audio/pcma"."""

    def __init__(self, name: str) -> None:
        """Raises ProtocolError for a name it does not know."""
        _check(name)
        self._law = _TO_G711.get(name)
        self._resampler = Resampler(SAMPLE_RATE, g711.G711_RATE_HZ if self._law else SAMPLE_RATE)

    def push(self, samples: Samples) -> bytes:
        return self._code(self._resampler.push(samples))

    def flush(self) -> bytes:
        """The last bytes of the stream. Nothing can be pushed after it."""
        return self._code(self._resampler.flush())

    def _code(self, samples: Samples) -> bytes:
        return self._law(samples) if self._law else samples.astype("<i2", copy=False).tobytes()


class Decoder:
    """One stream of bytes on its way in. Bytes may be cut anywhere, even inside a sample."""

    def __init__(self, name: str) -> None:
        """Raises ProtocolError for a name it does not know."""
        _check(name)
        self._law = _FROM_G711.get(name)
        self._resampler = Resampler(g711.G711_RATE_HZ if self._law else SAMPLE_RATE, SAMPLE_RATE)
        self._odd = b""

    def push(self, data: bytes) -> Samples:
        """24 kHz samples of the bytes so far; half a sample waits for its other half."""
        if self._law:
            return self._resampler.push(self._law(data))
        data = self._odd + data
        whole = len(data) & ~1
        self._odd = data[whole:]
        return np.frombuffer(data[:whole], dtype="<i2").astype(np.int16, copy=False)


def _check(name: str) -> None:
    if name != "audio/pcm" and name not in _TO_G711:
        raise ProtocolError(
            f"Unknown audio format '{name}'; expected audio/pcm, audio/pcmu or audio/pcma.",
            code="invalid_value",
            param="format",
        )
