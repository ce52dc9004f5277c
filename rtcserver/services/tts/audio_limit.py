"""Give up a voice that has all its text and brings no more audio."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from rtcserver.errors import ServiceFailed

T = TypeVar("T")


class AudioLimit:
    """Of one response. What is no audio does not count: a server may chatter for ever."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._deadline: float | None = None
        self._waiting: asyncio.Timeout | None = None

    @property
    def text_is_over(self) -> bool:
        return self._deadline is not None

    def text_ended(self) -> None:
        """From here on audio must keep coming."""
        self._deadline = asyncio.get_running_loop().time() + self._limit_s
        if self._waiting is not None:
            self._waiting.reschedule(self._deadline)

    def audio_came(self) -> None:
        if self._deadline is not None:
            self._deadline = asyncio.get_running_loop().time() + self._limit_s

    async def wait(self, message: Awaitable[T]) -> T:
        """The next message of the server. Raises ServiceFailed."""
        try:
            async with asyncio.timeout_at(self._deadline) as self._waiting:
                return await message
        except TimeoutError:
            raise ServiceFailed("tts", f"no audio for {self._limit_s:g} s") from None
        finally:
            self._waiting = None
