"""What a voice has spoken, on its way to the one who listens, until it is closed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from rtcserver.errors import ServiceError, first_cause
from rtcserver.services.bounded import put_newest
from rtcserver.services.tts.base import Spoken

_CLOSE_LIMIT_S = 1.0


class Outlet:
    """Runs the voice's work, and hands over what it puts in."""

    def __init__(self, work: Callable[[], Awaitable[None]], most: int) -> None:
        """`work` waits while `most` things are not listened to yet. Its ServiceError becomes that
        of events()."""
        self._spoken: asyncio.Queue[Spoken | ServiceError | None] = asyncio.Queue(most)
        self._closed = False
        self._task = asyncio.create_task(self._run(work), name="tts")
        self._task.add_done_callback(self._wake_if_broken)

    async def put(self, spoken: Spoken) -> None:
        await self._spoken.put(spoken)

    async def events(self) -> AsyncGenerator[Spoken, None]:
        while not self._closed and (spoken := await self._spoken.get()) is not None:
            if isinstance(spoken, ServiceError):
                raise spoken
            yield spoken
        if self._task.done() and not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        """Waits until the work has ended, up to a limit. A task that is cancelled before its first
        step frees nothing: that is left to who calls."""
        self._closed = True
        self._task.cancel()
        put_newest(self._spoken, None)
        await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        outcome: ServiceError | None = None
        try:
            await work()
        except* ServiceError as errors:
            outcome = first_cause(errors)
        await self._spoken.put(outcome)

    def _wake_if_broken(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is not None:
            put_newest(self._spoken, None)
