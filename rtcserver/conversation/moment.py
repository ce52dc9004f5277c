"""The two clocks a conversation is told with everything that happens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """`now` in seconds on the session's clock; `played`, the samples of the reply written last
    that have left for the listener's ear."""

    now: float
    played: int = 0
