"""The only door to a clock: now(), two stopwatches on top of it, CPU time, and the date."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

Clock = Callable[[], float]
_clock: Clock = time.monotonic


def now() -> float:
    """Seconds on a clock that never jumps back; only differences mean anything."""
    return _clock()


def cpu_now() -> float:
    """Seconds that this thread has worked; only differences mean anything."""
    return time.thread_time()


def epoch_now() -> float:
    """Seconds since 1970, for what outlives this process: an operator may set that clock."""
    return time.time()


def utc_text() -> str:
    """The time of day to the second, in ISO 8601, for people to read."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """Let now() read another clock, such as a virtual loop's."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = now()

    def elapsed(self) -> float:
        return now() - self._start


class PhasesStopwatch:
    """Splits one stretch of time into named phases that add up to it.

    Marks may arrive in any order, since stages overlap (a speculative LLM answers before the
    turn is committed). A phase gets only the time by which it held up the ones before it, so
    a stage hidden behind another costs nothing and the sum is always the whole.
    """

    def __init__(self, phases: tuple[str, ...]) -> None:
        """`phases` in their causal order; each is named after the mark that ends it."""
        self._phases = phases
        self._start: float | None = None
        self._ends: dict[str, float] = {}

    def start(self, at: float) -> None:
        """Marks made before are kept: a stage may be ahead of the stretch it belongs to."""
        self._start = at

    def mark(self, phase: str, at: float) -> None:
        """The first mark of a phase counts; later ones are ignored."""
        if phase not in self._phases:
            raise ValueError(f"unknown phase {phase!r}")
        self._ends.setdefault(phase, at)

    @property
    def complete(self) -> bool:
        return self._start is not None and self._phases[-1] in self._ends

    def seconds(self) -> dict[str, float]:
        """Seconds of each phase, in order; a phase without a mark is 0."""
        if self._start is None:
            return dict.fromkeys(self._phases, 0.0)
        frontier = [self._start]
        for phase in self._phases:
            frontier.append(max(frontier[-1], self._ends.get(phase, frontier[-1])))
        return {
            phase: end - begin
            for phase, (begin, end) in zip(self._phases, pairwise(frontier), strict=True)
        }
