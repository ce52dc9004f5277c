"""What a session asks of any speech-to-text service."""

from collections.abc import AsyncGenerator
from typing import Protocol

from rtcserver.audio.format import Samples
from rtcserver.turns.hearing import Hearing


class Transcriber(Protocol):
    """One caller's ear, for as long as the call lasts."""

    async def send(self, frame: Samples) -> None:
        """Hand over one 80 ms frame, shape (1920,). Waits for room, but no longer than the frame
        lasts: then the oldest unsent one is dropped and counted."""
        ...

    async def flush(self, mark: int) -> None:
        """Ask for all words of the audio sent so far; `Final(mark)` follows the last of them."""
        ...

    def events(self) -> AsyncGenerator[Hearing, None]:
        """What it hears, in order, to a single consumer. Ends after close(); survives a lost
        connection by making a new one (words in flight are lost, a pending flush is answered).
        Raises ServiceError if there is none to be had."""
        ...

    async def close(self) -> None:
        """Free the slot. Idempotent; safe under cancellation."""
        ...


class TranscriberFactory(Protocol):
    """Opens ears. One per process."""

    async def open(self) -> Transcriber:
        """Connect and wait until it is ready. Raises ServiceUnavailable or ServiceBusy."""
        ...

    async def probe(self) -> float:
        """Seconds of one health check. Raises ServiceError."""
        ...
