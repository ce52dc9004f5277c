"""What can be wrong with a service: every stub can be told to have each of these faults."""

from enum import Enum, auto


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
