"""A voice activity detector that knows when speech will come. For tests."""

from bisect import bisect_right
from collections.abc import Sequence

from rtcserver.audio.format import SAMPLE_RATE, Samples, seconds
from rtcserver.services.vad.base import VAD_WINDOW_SEC

_WINDOW = round(VAD_WINDOW_SEC * SAMPLE_RATE)
SPEECH, SILENCE = 0.98, 0.02


class ScriptedVad:
    """A window is speech if its middle lies in one of the intervals."""

    def __init__(self, speech: Sequence[tuple[float, float]] = ()) -> None:
        """`speech`: (start, stop) in seconds of audio pushed, none within another."""
        self._edges = sorted(edge for interval in speech for edge in interval)
        self._samples = 0
        self._windows = 0

    def push(self, chunk: Samples) -> list[float]:
        self._samples += len(chunk)
        first, self._windows = self._windows, self._samples // _WINDOW
        return [self._probability(window) for window in range(first, self._windows)]

    def _probability(self, window: int) -> float:
        middle = seconds(window * _WINDOW + _WINDOW // 2)
        inside = bisect_right(self._edges, middle) % 2
        return SPEECH if inside else SILENCE
