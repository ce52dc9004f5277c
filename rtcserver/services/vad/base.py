"""What a session asks of any voice activity detector."""

from collections.abc import Iterable
from typing import Protocol

from rtcserver.audio.format import Samples


class Vad(Protocol):
    """One caller's; keeps state between pushes. Fast enough to run in the loop (< 0.4 ms)."""

    def push(self, chunk: Samples) -> Iterable[float]:
        """Any number of 24 kHz samples in; P(speech) out, one per 32 ms window completed."""
        ...


VAD_WINDOW_SEC = 0.032
