"""Let only speech through to the recogniser, with a little of what was before it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtcserver.audio.format import FRAME_TIME_SEC, Samples

_SPEECH = 0.5  # P(speech) from which a window is speech …
_PAUSE = 0.35  # … and below which it is none, Silero's own hysteresis
_ONSET = 2  # windows of 32 ms in a row: one alone may be a click
_PREFIX = 5  # frames kept: 300 ms of padding before an onset noticed up to a frame late
_WINDOW_SEC = 0.032
_SILENCE_SEC = 0.4  # ends an utterance; between words of one sentence it is < 0.1 s
_PAUSES_SEC = np.array([0.5, 1.0, 2.0, 3.0])


@dataclass(frozen=True, slots=True)
class Feed:
    """Speech that starts, or continues, an utterance; its first sample is at `start_s`."""

    samples: Samples
    start_s: float


@dataclass(frozen=True, slots=True)
class End:
    """The utterance is over."""


class SpeechGate:
    """One caller's. Times count the audio pushed since it was made."""

    def __init__(self, longest_s: float) -> None:
        """An utterance is ended when it has lasted for `longest_s`."""
        self._longest_s = longest_s
        self._before: deque[Samples] = deque(maxlen=_PREFIX)
        self._clock = 0.0
        self._onset = 0
        self._open_since: float | None = None
        self._silence = float("inf")

    def push(self, frame: Samples, probabilities: Sequence[float]) -> list[Feed | End]:
        """Take one frame of 80 ms and the P(speech) of the windows it completed."""
        for probability in probabilities:
            self._hear(probability)
        self._clock += FRAME_TIME_SEC
        self._before.append(frame)
        if self._open_since is None and self._onset < _ONSET:
            return []
        feed = self._feed()
        if self._open_since is None:
            self._open_since = feed.start_s
        too_long = self._clock - self._open_since > self._longest_s
        return [feed, *self.flush()] if too_long or self._silence >= _SILENCE_SEC else [feed]

    def flush(self) -> list[Feed | End]:
        """End the utterance now, if one is open."""
        if self._open_since is None:
            return []
        self._open_since, self._onset = None, 0
        return [End()]

    def pauses(self) -> NDArray[np.float32]:
        """P(a pause of 0.5, 1, 2, 3 s), shape (4,), guessed from the silence so far.

        A pause of d seconds is as likely as not once d/4 have passed.
        """
        if self._silence == float("inf"):
            return np.ones(4, np.float32)
        return (self._silence / (self._silence + _PAUSES_SEC / 4)).astype(np.float32)

    def _hear(self, probability: float) -> None:
        self._onset = self._onset + 1 if probability >= _SPEECH else 0
        if probability >= _PAUSE and (self._open_since is not None or self._onset >= _ONSET):
            self._silence = 0.0
        else:
            self._silence += _WINDOW_SEC

    def _feed(self) -> Feed:
        samples = np.concatenate(tuple(self._before))
        start_s = self._clock - len(self._before) * FRAME_TIME_SEC
        self._before.clear()
        return Feed(samples, start_s)
