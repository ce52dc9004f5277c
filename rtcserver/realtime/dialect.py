"""How a data channel is spoken: the Realtime events themselves, or another protocol for them."""

from dataclasses import dataclass
from typing import Protocol

from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.codec import dump_event


@dataclass(frozen=True, slots=True)
class Exchange:
    """What follows from one message: texts for the client, and client events for the session."""

    to_client: tuple[str, ...] = ()
    to_session: tuple[str | bytes, ...] = ()
    leaves: bool = False
    """The client has asked for the end of the call."""


class Dialect(Protocol):
    """One call's translator. Pure: it may remember what was said, and does nothing else."""

    label: str
    """Name of the data channel that speaks it."""

    def from_client(self, message: str | bytes) -> Exchange:
        """Never raises: what is wrong with a message is told to the client."""
        ...

    def from_session(self, event: ServerEvent, at: str) -> Exchange:
        """`at` is the time of day, in ISO 8601."""
        ...


class RealtimeDialect:
    """The session's own tongue."""

    label = "oai-events"

    def from_client(self, message: str | bytes) -> Exchange:
        return Exchange(to_session=(message,))

    def from_session(self, event: ServerEvent, at: str) -> Exchange:
        return Exchange(to_client=(dump_event(event),))
