"""What can be wrong with a service: every stub can be told to have each of these faults."""

from contextlib import AbstractAsyncContextManager
from enum import Enum, auto
from typing import Protocol

LATE_S = 60.0
"""How long a SLOW one takes: later than any limit."""


class Fault(Enum):
    SLOW = auto()
    """Does everything right, but later than it may."""
    FULL = auto()
    """Has no free slot, and says so."""
    SILENT = auto()
    """Is ready and reads on, but says nothing more."""
    LYING = auto()
    """Speaks the protocol, but what it says is not so: an empty answer, a wrong number."""
    HALF_DEAD = auto()
    """Neither reads nor answers any more, but keeps the connection."""
    CUT = auto()
    """The connection breaks in mid-stream."""
    GARBAGE = auto()
    """Sends bytes that are nothing of the protocol."""
    ERROR = auto()
    """Reports an error of its own in mid-stream."""
    GOODBYE = auto()
    """Hangs up in good order, but in mid-stream."""


class Stub(Protocol):
    """A server on a loopback port that speaks a service's wire."""

    fault: tuple[Fault, int] | None
    """What breaks, and after how much of what this wire counts (frames, words, pieces)."""

    def running(self) -> AbstractAsyncContextManager[str]:
        """Gives its address."""
        ...

    def mend(self) -> None:
        """From here on it is well. A HALF_DEAD connection ends, as if its process were killed."""
        ...

    @property
    def held(self) -> int:
        """Connections or requests that clients hold now."""
        ...
