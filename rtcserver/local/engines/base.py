"""What the speech server asks of any engine that can speak."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rtcserver.audio.format import Samples

Times = tuple[tuple[float, float], ...]
"""Start and stop of each word, in seconds; in order, and one entry for every word asked for."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One clause, spoken: mono samples at `rate_hz`, and when its words sound."""

    samples: Samples
    rate_hz: int
    times: Times


class SpeechEngine(Protocol):
    """Blocks while it speaks; called by one thread at a time."""

    name: str
    voices: tuple[str, ...]
    """The first one is the default."""

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        """Speak a clause of at least one word. `voice` is one of `voices`."""
        ...


def spread(words: Sequence[str], start_s: float, stop_s: float) -> Times:
    """Times in proportion to the words' letters, for when the engine does not tell."""
    total = sum(map(len, words)) or 1
    edges, length = [start_s], stop_s - start_s
    for word in words:
        edges.append(edges[-1] + length * len(word) / total)
    return tuple(zip(edges, edges[1:], strict=False))
