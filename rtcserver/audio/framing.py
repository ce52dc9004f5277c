"""Cut a stream of odd-sized chunks into exact frames."""

from collections.abc import Iterator

import numpy as np

from rtcserver.audio.format import SAMPLES_PER_FRAME, Samples, silence


class Framer:
    """Collects samples and hands back whole frames, keeping the remainder."""

    def __init__(self, size: int = SAMPLES_PER_FRAME) -> None:
        self._size = size
        self._rest = silence(0)

    def push(self, chunk: Samples) -> Iterator[Samples]:
        """Yield each whole frame; a later push continues where this one ended."""
        samples = np.concatenate((self._rest, chunk)) if len(self._rest) else chunk
        whole = len(samples) - len(samples) % self._size
        self._rest = samples[whole:]
        for start in range(0, whole, self._size):
            yield samples[start : start + self._size]

    def pad(self) -> Samples | None:
        """The remainder filled up with silence to one last frame, or None if nothing is left."""
        if not len(self._rest):
            return None
        frame = np.concatenate((self._rest, silence(self._size - len(self._rest))))
        self._rest = silence(0)
        return frame
