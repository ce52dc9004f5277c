"""A turn is over as soon as what was said sounds finished, and at last after a long silence."""

from dataclasses import dataclass
from typing import Literal

from rtcserver.audio.format import from_milliseconds
from rtcserver.text.completeness import Completeness, completeness
from rtcserver.turns.turn_end import SoFar

Eagerness = Literal["low", "medium", "high", "auto"]

# As Kyutai's own client has it (unmute): from here on the speaker is done.
_PAUSE_SCORE = 0.6


@dataclass(frozen=True, slots=True)
class _Patience:
    """Milliseconds of silence that end a turn which sounds finished, may be, is not. The last are
    the limits that OpenAI documents for each eagerness."""

    finished: int
    unclear: int
    unfinished: int
    head: int
    """Which of the transcriber's pause scores counts: P(pause >= 0.5, 1, 2 s)."""


_MEDIUM = _Patience(finished=300, unclear=600, unfinished=4_000, head=1)
_PATIENCE: dict[Eagerness, _Patience] = {
    "high": _Patience(finished=300, unclear=400, unfinished=2_000, head=0),
    "medium": _MEDIUM,
    "auto": _MEDIUM,
    "low": _Patience(finished=500, unclear=1_200, unfinished=8_000, head=2),
}


class SemanticVadEnd:
    """Words that cannot end a turn always wait. Of others the transcriber's pause score decides,
    which hears the melody too; without one, how complete they are."""

    by_hand = False
    soft_end = from_milliseconds(200)  # leaves a transcriber 100 ms before the shortest silence

    def __init__(self, eagerness: Eagerness, *, english: bool = True) -> None:
        """`english` False reads the punctuation only."""
        self._patience, self._english = _PATIENCE[eagerness], english

    def silence(self, so_far: SoFar) -> int:
        match self._judge(so_far):
            case Completeness.FINISHED:
                return from_milliseconds(self._patience.finished)
            case Completeness.UNCLEAR:
                return from_milliseconds(self._patience.unclear)
            case Completeness.UNFINISHED:
                return from_milliseconds(self._patience.unfinished)

    def _judge(self, so_far: SoFar) -> Completeness:
        if not so_far.whole:
            return Completeness.UNFINISHED
        said = completeness(so_far.words, english=self._english)
        if said is Completeness.UNFINISHED or self._patience.head >= len(so_far.pauses):
            return said
        done = so_far.pauses[self._patience.head] >= _PAUSE_SCORE
        return Completeness.FINISHED if done else Completeness.UNCLEAR
