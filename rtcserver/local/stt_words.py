"""Turn hypotheses that still change into words that do not."""

from collections.abc import Sequence
from typing import NamedTuple


class HeardWord(NamedTuple):
    """A recognised word, in seconds of the caller's audio."""

    text: str
    start_s: float
    stop_s: float


class WordSieve:
    """One caller's: what of each hypothesis is new and certain."""

    def __init__(self, held_s: float) -> None:
        """Words are kept back until so much more was understood."""
        self._held_s = held_s
        self._said_until = float("-inf")

    def partial(self, words: Sequence[HeardWord]) -> list[HeardWord]:
        """Those that no longer change."""
        return self._fresh(
            [word for word in words if word.stop_s <= words[-1].stop_s - self._held_s]
        )

    def final(self, words: Sequence[HeardWord]) -> list[HeardWord]:
        """The utterance is over: nothing is kept back."""
        return self._fresh(words)

    def _fresh(self, words: Sequence[HeardWord]) -> list[HeardWord]:
        """Words that sound mostly after the last one said; a hypothesis may still shift edges."""
        fresh = [word for word in words if (word.start_s + word.stop_s) / 2 > self._said_until]
        if fresh:
            self._said_until = fresh[-1].stop_s
        return fresh
