"""G.711: one byte a sample, mu-law and A-law (ITU-T G.711; the arithmetic of G.191)."""

import numpy as np
from numpy.typing import NDArray

from rtcserver.audio.format import Samples

G711_RATE_HZ = 8_000


def mulaw_encode(samples: Samples) -> bytes:
    """8 kHz samples to mu-law bytes."""
    return _MULAW[samples.view(np.uint16)].tobytes()


def mulaw_decode(data: bytes) -> Samples:
    """Mu-law bytes to 8 kHz samples."""
    return _FROM_MULAW[np.frombuffer(data, dtype=np.uint8)]


def alaw_encode(samples: Samples) -> bytes:
    """8 kHz samples to A-law bytes."""
    return _ALAW[samples.view(np.uint16)].tobytes()


def alaw_decode(data: bytes) -> Samples:
    """A-law bytes to 8 kHz samples."""
    return _FROM_ALAW[np.frombuffer(data, dtype=np.uint8)]


def _bit_length(values: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.ceil(np.log2(values + 1)).astype(np.int32)


def _mulaw_table() -> NDArray[np.uint8]:
    """Indexed by the sample seen as uint16. The low two bits do not count; bias 33."""
    pcm = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum((np.where(pcm < 0, ~pcm, pcm) >> 2) + 33, 0x1FFF)
    segment = _bit_length(magnitude >> 6) + 1
    code = ((8 - segment) << 4) | (15 - ((magnitude >> segment) & 15))
    table: NDArray[np.uint8] = np.where(pcm < 0, code, code | 0x80).astype(np.uint8)
    return table


def _alaw_table() -> NDArray[np.uint8]:
    """Indexed by the sample seen as uint16. The low four bits do not count."""
    pcm = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.where(pcm < 0, ~pcm, pcm) >> 4
    exponent = np.maximum(_bit_length(magnitude) - 4, 0)
    mantissa = (magnitude >> np.maximum(exponent - 1, 0)) & 15
    code = (exponent << 4) | mantissa
    table: NDArray[np.uint8] = (np.where(pcm < 0, code, code | 0x80) ^ 0x55).astype(np.uint8)
    return table


def _from_mulaw_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4).astype(np.int32) & 7
    magnitude = ((((code.astype(np.int32) & 15) << 1) + 33) << exponent) - 33
    return (np.where(code & 0x80, -magnitude, magnitude) * 4).astype(np.int16)


def _from_alaw_table() -> Samples:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent = (code >> 4).astype(np.int32) & 7
    mantissa = ((code.astype(np.int32) & 15) << 4) + 8
    magnitude = np.where(exponent > 0, (mantissa + 256) << np.maximum(exponent - 1, 0), mantissa)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


_MULAW, _ALAW = _mulaw_table(), _alaw_table()
_FROM_MULAW, _FROM_ALAW = _from_mulaw_table(), _from_alaw_table()
