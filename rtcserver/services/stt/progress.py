"""What one recogniser was sent, against what it has taken in. Pure."""

from collections import deque
from dataclasses import dataclass

from rtcserver.audio.format import seconds

_UNANSWERED_FRAMES = 256  # 20 s; a model that sends no Steps at all must not cost memory
_FLUSHES = 16  # more than one at a time is rare
_STEPS_WITHIN_S = 1.0  # a model that steps at all has done so long before


@dataclass(frozen=True, slots=True)
class _Sent:
    at: float
    ours: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The frame that a Step tells of. Nobody waited for silence of `ours`, and a server that steps
    without audio tells of no frame: then `lag_s` is None."""

    lag_s: float | None
    ours: bool


@dataclass(slots=True)
class _Flush:
    mark: int
    steps: int
    by_marker: bool
    messages: int
    echoed: bool = False


class Progress:
    """One connection's frames, counted against the Steps that come back, one a frame."""

    def __init__(self) -> None:
        self.sent = 0
        self.steps = 0
        self.messages = 0
        """Of any kind that came."""
        self._waiting: deque[_Sent] = deque(maxlen=_UNANSWERED_FRAMES)
        self._flushes: deque[_Flush] = deque(maxlen=_FLUSHES)
        self._first_at: float | None = None
        self._buffered_s = 0.0

    def frame_sent(self, now: float, *, ours: bool = False) -> None:
        """`ours`: silence that we put in."""
        self._first_at = now if self._first_at is None else self._first_at
        self.sent += 1
        self._waiting.append(_Sent(now, ours))

    def step(self, now: float, buffered: int = 0) -> Taken:
        """`buffered`: samples that the server has not taken in yet."""
        self.steps += 1
        self._buffered_s = seconds(buffered)
        if not self._waiting:
            return Taken(None, ours=False)
        frame = self._waiting.popleft()
        return Taken(None if frame.ours else now - frame.at, frame.ours)

    def backlog_s(self, now: float) -> float:
        """How far the server is behind, in seconds; 0 where no Steps tell."""
        if not self.steps:
            return 0.0
        waited_s = now - self._waiting[0].at if self._waiting else 0.0
        return max(waited_s, self._buffered_s)

    def stepless(self, now: float) -> bool:
        """Whether this must be a model that sends no Steps at all."""
        sent_long_ago = self._first_at is not None and now - self._first_at >= _STEPS_WITHIN_S
        return sent_long_ago and not self.steps

    def flush(self, mark: int, silence: int, *, by_marker: bool) -> None:
        """`silence` frames are about to be sent to push the audio before them through; with
        `by_marker` a Marker goes before them.

        Some servers step without audio: then their count runs ahead, and starts from there."""
        steps = max(self.sent, self.steps) + silence
        self._flushes.append(_Flush(mark, steps, by_marker, self.messages))

    def echoed(self, mark: int) -> None:
        """The Marker is back; so are those before it, or they never come."""
        if any(flush.mark == mark for flush in self._flushes):
            for flush in self._flushes:
                flush.echoed = True
                if flush.mark == mark:
                    return

    def passed(self) -> list[int]:
        """Marks of flushes that are over by now, each told once."""
        marks = []
        while self._flushes and self._is_over(self._flushes[0]):
            marks.append(self._flushes.popleft().mark)
        return marks

    def _is_over(self, flush: _Flush) -> bool:
        """A Marker is timed by the steps of all callers together, and may be early by some; but a
        model without Steps has nothing else."""
        if flush.by_marker and not self.steps:
            return flush.echoed
        return self.steps >= flush.steps and flush.echoed >= flush.by_marker

    def unanswered(self) -> list[int]:
        """Marks of flushes that were sent and are not over."""
        return [flush.mark for flush in self._flushes]

    def owes_since(self, mark: int) -> bool:
        """Whether this flush wants an answer, and not a message has come since it was sent."""
        return any(
            flush.mark == mark
            and (flush.by_marker or self.steps > 0)
            and flush.messages == self.messages
            for flush in self._flushes
        )
