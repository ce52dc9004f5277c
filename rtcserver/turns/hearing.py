"""What an ear reports: words, pauses, and the end of what it was asked to finish."""

from dataclasses import dataclass

Pauses = tuple[float, ...]
"""P(the present pause lasts 0.5, 1, 2, 3 s), as far as an ear can tell."""

NO_PAUSES: Pauses = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One 80 ms frame was taken in."""

    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word; it will not change. `start_s` counts audio since the stream began."""

    text: str
    start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Final:
    """Answers flush(mark): every word of the audio sent before it has been reported."""

    mark: int


Hearing = Step | Word | Final
