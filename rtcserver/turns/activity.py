"""Turn speech probabilities into starts of speech, pauses and silence, counted in samples."""

from dataclasses import dataclass
from enum import Enum, auto

from rtcserver.audio.format import SAMPLE_RATE

# A speaker who trails off dips below the threshold without having stopped.
_HYSTERESIS = 0.15


@dataclass(frozen=True, slots=True)
class VadTiming:
    """When probabilities become speech; lengths in samples at 24 kHz."""

    threshold: float = 0.5
    onset: int = SAMPLE_RATE * 96 // 1000
    soft_end: int = SAMPLE_RATE * 192 // 1000


class Edge(Enum):
    STARTED = auto()  # speech has begun, or gone on after a pause
    PAUSED = auto()  # quiet long enough to prepare an answer


class SpeechActivity:
    """Feed it one probability per window; it answers with the edge crossed, if any. Whether a
    silence ends the turn is for others to say (turns/turn_end.py): they call reset().

    `onset_at` is where the present stretch of speech began, `speech_end_at` where its last
    sound was: positions in samples since the stream began.
    """

    def __init__(self, timing: VadTiming) -> None:
        self.timing = timing
        self.speaking = False
        self.onset_at = 0
        self.speech_end_at = 0
        self._open = False  # a turn has started and not stopped
        self._run_from: int | None = None  # start of the unbroken run of loud windows

    @property
    def paused(self) -> bool:
        """A turn is open, and its speaker silent."""
        return self._open and not self.speaking

    def push(self, probability: float, begin: int, end: int) -> Edge | None:
        """One window of audio, samples begin..end, and how likely it is speech."""
        self._follow_run(probability, begin)
        if self._open and probability >= self.timing.threshold - _HYSTERESIS:
            self.speech_end_at = end
        if self._run_from is not None and not self.speaking:
            return self._maybe_start(end)
        return self._maybe_pause(end) if self.speaking else None

    def skip(self, end: int) -> None:
        """Nobody judges the audio up to sample `end`; silence counts from there."""
        self.speech_end_at, self._run_from = end, None

    def reset(self) -> None:
        """The turn in progress is over, or forgotten."""
        self.speaking = self._open = False
        self._run_from = None

    def _follow_run(self, probability: float, begin: int) -> None:
        if probability < self.timing.threshold:
            self._run_from = None
        elif self._run_from is None:
            self._run_from = begin

    def _maybe_start(self, end: int) -> Edge | None:
        assert self._run_from is not None
        if end - self._run_from < self.timing.onset:
            return None
        if not self._open:
            self.onset_at = self._run_from
        self.speaking = self._open = True
        self.speech_end_at = end
        return Edge.STARTED

    def _maybe_pause(self, end: int) -> Edge | None:
        if end - self.speech_end_at < self.timing.soft_end:
            return None
        self.speaking = False
        return Edge.PAUSED
