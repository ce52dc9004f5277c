"""What a session asks of any text-to-speech service."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from rtcserver.audio.format import Samples


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """Any number of samples that continue this response's audio."""

    samples: Samples


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """When a word sounds, in seconds of this response's audio; may come before its samples."""

    text: str
    start_s: float
    stop_s: float


Spoken = SpokenAudio | SpokenWord


class Voice(Protocol):
    """One response being spoken."""

    async def say(self, word: str) -> None:
        """Hand over one whole word. Raises ServiceError."""
        ...

    async def end(self) -> None:
        """No more words; events() ends by itself once all is spoken."""
        ...

    def events(self) -> AsyncGenerator[Spoken, None]:
        """Audio and word times as fast as they are made; pacing is the caller's.
        Raises ServiceError."""
        ...

    async def close(self) -> None:
        """Free the slot at once, spoken to the end or not. Idempotent; safe under cancellation."""
        ...


class Synthesizer(Protocol):
    """Opens voices. One per process."""

    async def open(self, voice: str) -> Voice:
        """Connect and wait until it is ready. Raises ServiceUnavailable or ServiceBusy."""
        ...

    async def probe(self) -> float:
        """Seconds of one health check. Raises ServiceError."""
        ...
