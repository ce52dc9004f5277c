"""What one recogniser was sent, against what it has taken in. Pure."""

import math
from collections import deque
from dataclasses import dataclass

from rtcserver.audio.format import FRAME_TIME_SEC

_UNANSWERED_FRAMES = 256  # 20 s; a model that sends no Steps at all must not cost memory
_FLUSHES = 16  # more than one at a time is rare; those a Marker answered go this way
_SEGMENTS = 64


class Progress:
    """One connection's frames, counted against the Steps that come back, one a frame."""

    def __init__(self) -> None:
        self.sent = 0
        self.steps = 0
        self._sent_at: deque[float | None] = deque(maxlen=_UNANSWERED_FRAMES)
        self._flushes: deque[tuple[int, int]] = deque(maxlen=_FLUSHES)

    def frame_sent(self, now: float) -> None:
        self.sent += 1
        self._sent_at.append(now)

    def silence_sent(self) -> None:
        """A frame of our own; nobody waits for it, so its lag means nothing."""
        self.sent += 1
        self._sent_at.append(None)

    def step(self, now: float) -> float | None:
        """Seconds since the frame taken in was sent, if it was the caller's."""
        self.steps += 1
        sent_at = self._sent_at.popleft() if self._sent_at else None
        return None if sent_at is None else now - sent_at

    def flush(self, mark: int, silence: int) -> None:
        """`silence` frames are about to be sent to push the audio before them through.

        Some servers step without audio: then their count runs ahead, and starts from there."""
        self._flushes.append((mark, max(self.sent, self.steps) + silence))

    def passed(self) -> list[int]:
        """Marks whose silence has been taken in by now."""
        marks = []
        while self._flushes and self._flushes[0][1] <= self.steps:
            marks.append(self._flushes.popleft()[0])
        return marks

    def unanswered(self) -> list[int]:
        """Marks of flushes that were sent and not passed; the caller may know better."""
        return [mark for mark, _ in self._flushes]


@dataclass(frozen=True, slots=True)
class _Segment:
    begins: int
    ahead: int


class Timeline:
    """Turns the recogniser's time into the caller's: they part at silence we put in, at frames
    dropped on the way, and when a new connection starts at zero."""

    def __init__(self) -> None:
        self._segments = deque([_Segment(0, 0)], maxlen=_SEGMENTS)

    def restart(self) -> None:
        self._segments.clear()

    def note(self, theirs: int, ours: int) -> None:
        """The caller's frame number `ours` is going out as their number `theirs`."""
        if not self._segments or self._segments[-1].ahead != ours - theirs:
            self._segments.append(_Segment(theirs, ours - theirs))

    def caller_s(self, their_s: float) -> float:
        """Seconds of the caller's audio. Call it in the order of time: the past is forgotten."""
        while len(self._segments) > 1 and self._segments[1].begins * FRAME_TIME_SEC <= their_s:
            self._segments.popleft()
        ahead = self._segments[0].ahead if self._segments else 0
        return max(0.0, their_s + ahead * FRAME_TIME_SEC)


def silence_frames(delay_s: float) -> int:
    """Frames that push the last audio through a model's delay: that long, and one to be sure."""
    return math.ceil(delay_s / FRAME_TIME_SEC) + 1
