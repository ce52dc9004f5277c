"""The port of turn detection: which silence ends a turn."""

from dataclasses import dataclass
from typing import Protocol

from rtcserver.turns.hearing import NO_PAUSES, Pauses


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is known of the turn in whose silence we are."""

    words: str = ""
    whole: bool = False
    """Every word of the audio so far is among them."""
    pauses: Pauses = NO_PAUSES
    """The transcriber's own judgement, if it has one."""


class TurnEnd(Protocol):
    """Server VAD, semantic VAD and push to talk differ in this and in nothing else."""

    @property
    def by_hand(self) -> bool:
        """True where nobody listens for speech: the client ends turns."""
        ...

    @property
    def soft_end(self) -> int:
        """Samples of silence after which the words have to be asked for, at the latest."""
        ...

    def silence(self, so_far: SoFar) -> int:
        """Samples of silence that end the turn. Asked again whenever something new is known."""
        ...
