"""The recogniser's time, turned into the caller's. Pure."""

from collections import deque
from dataclasses import dataclass

from rtcserver.audio.format import FRAME_TIME_SEC

_SEGMENTS = 64


@dataclass(frozen=True, slots=True)
class _Segment:
    begins: int
    ahead: int


class Timeline:
    """The two part at silence we put in, at frames dropped on the way, and when a new connection
    starts at zero."""

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
