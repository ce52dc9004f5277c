"""Change the sample rate of a mono stream without a seam between chunks."""

import av
import numpy as np

from rtcserver.audio.format import Samples


class Resampler:
    """Mono int16 at one rate in, at another out. Keeps the filter's state between pushes."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._same = from_hz == to_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)

    def push(self, samples: Samples) -> Samples:
        """Whatever can be said so far; the filter keeps back up to a millisecond or two."""
        if self._same or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = self._from_hz
        return join(self._resampler.resample(frame))

    def flush(self) -> Samples:
        """What the filter kept back. Nothing can be pushed after it."""
        return join([] if self._same else self._resampler.resample(None))


def join(frames: list[av.AudioFrame]) -> Samples:
    """The samples of packed mono s16 frames, in one array."""
    arrays = [frame.to_ndarray().reshape(-1).astype(np.int16, copy=False) for frame in frames]
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int16)
