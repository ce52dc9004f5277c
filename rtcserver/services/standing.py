"""How one instance of a service stands, so that the best of several is tried first. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

_AWAY_S = (2.0, 60.0)  # first and longest time without it, once it could not be opened
_FULL_FOR_S = 1.0  # about as long as a response takes; then a slot may be free again
_LAGGING_S = 0.5  # of audio; a recogniser this far behind cannot be answered in time


@dataclass(frozen=True, slots=True)
class Load:
    """What an instance tells of itself; `backlog_s` is audio that it was sent and has not taken
    in, by the stream that is furthest behind, `engine` what does the work there."""

    used: int
    total: int
    backlog_s: float = 0.0
    engine: str = ""


class Standing:
    """What it told last, and what was met since."""

    def __init__(self) -> None:
        self.leases = 0
        self.down = False
        self._away_until, self._away_s = float("-inf"), 0.0
        self._load: Load | None = None
        self._leases_then = 0
        self._full_until = float("-inf")

    def told(self, load: Load | None) -> None:
        """None if it tells no load."""
        self._load, self._leases_then = load, self.leases

    def failed(self, now: float) -> None:
        """It could not be opened. That it answers questions proves little then: it is left alone
        for a while, twice as long each time, until it opens again."""
        first_s, longest_s = _AWAY_S
        self._away_s = min(max(first_s, 2 * self._away_s), longest_s)
        self._away_until = now + self._away_s

    def opened(self) -> None:
        self._away_s = 0.0

    def may_return(self, now: float) -> bool:
        return now >= self._away_until

    def refused(self, now: float) -> None:
        """It has no slot left, whatever it told."""
        self._full_until = now + _FULL_FOR_S

    def rank(self, now: float) -> tuple[bool, bool, float, int]:
        """The least is the best: not full, not lagging, the smallest share of slots in use (or of
        our own leases where it tells none)."""
        if self._load is None or self._load.total < 1:
            return now < self._full_until, False, 0.0, self.leases
        used = self._load.used + self.leases - self._leases_then
        full = now < self._full_until or used >= self._load.total
        return full, self._load.backlog_s > _LAGGING_S, used / self._load.total, self.leases


class Stands(Protocol):
    @property
    def standing(self) -> Standing: ...


S = TypeVar("S", bound=Stands)


def best_first(kinds: Iterable[Iterable[S]], now: float) -> list[S]:
    """Kind by kind in the order given, the least loaded of each first; those that are down come
    after all others, since they may be up again."""
    ranked = [one for kind in kinds for one in sorted(kind, key=lambda i: i.standing.rank(now))]
    return sorted(ranked, key=lambda one: one.standing.down)
