"""What an ear reports: words, pauses, and the end of what it was asked to finish."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One 80 ms frame was taken in. `pause` is P(the speaker has paused), if the ear can tell."""

    pause: float | None = None


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
