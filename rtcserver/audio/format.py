"""The one audio format inside the server: 24 kHz, mono, 16-bit, frames of 80 ms."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
SAMPLES_PER_FRAME = 1_920
FRAME_TIME_SEC = SAMPLES_PER_FRAME / SAMPLE_RATE  # 0.08

Samples = NDArray[np.int16]
"""Mono PCM at SAMPLE_RATE, shape (n,)."""


def silence(n: int = SAMPLES_PER_FRAME) -> Samples:
    return np.zeros(n, dtype=np.int16)


def seconds(samples: int) -> float:
    return samples / SAMPLE_RATE


def milliseconds(samples: int) -> int:
    """Whole milliseconds, rounded down: the wire counts in integers."""
    return samples * 1000 // SAMPLE_RATE


def from_milliseconds(ms: int) -> int:
    return ms * SAMPLE_RATE // 1000
