"""Commit the words that two guesses in a row agree on (LocalAgreement-2).

Macháček, Dabre, Bojar, "Turning Whisper into Real-Time Transcription System", 2023.
"""

from collections.abc import Sequence
from itertools import takewhile

from rtcserver.local.stt_words import HeardWord

_SHORTEST_S = 0.02  # a model's own grid of times


class Agreement:
    """One utterance's. What was committed stays as it is, whatever later guesses say."""

    def __init__(self) -> None:
        self._committed: list[HeardWord] = []
        self._last: list[HeardWord] = []

    @property
    def committed(self) -> list[HeardWord]:
        return list(self._committed)

    def partial(self, guess: Sequence[HeardWord]) -> None:
        """Commit the words that follow the committed ones in this guess and in the one before."""
        rest = self._after_committed(guess)
        agreed = sum(1 for _ in takewhile(_alike, zip(self._last, rest, strict=False)))
        self._commit(rest[:agreed])
        self._last = rest[agreed:]

    def final(self, guess: Sequence[HeardWord]) -> None:
        """Nothing better will come: commit all that follows the committed words."""
        self._commit(self._after_committed(guess))

    def _after_committed(self, guess: Sequence[HeardWord]) -> list[HeardWord]:
        """By the words, if the guess begins with the committed ones; else by the time."""
        said = [_bare(word.text) for word in self._committed]
        if [_bare(word.text) for word in guess[: len(said)]] == said:
            return list(guess[len(said) :])
        until = self._committed[-1].stop_s
        return [word for word in guess if (word.start_s + word.stop_s) / 2 > until]

    def _commit(self, words: Sequence[HeardWord]) -> None:
        """With times that never go back."""
        for word in words:
            until = self._committed[-1].stop_s if self._committed else 0.0
            start_s = max(word.start_s, until)
            stop_s = max(word.stop_s, start_s + _SHORTEST_S)
            self._committed.append(HeardWord(word.text, start_s, stop_s))


def _alike(pair: tuple[HeardWord, HeardWord]) -> bool:
    """To the letter: a full stop may only be the end of the audio so far."""
    before, now = pair
    return before.text == now.text


def _bare(text: str) -> str:
    return text.strip(".,;:!?…\"'“”").lower()
