"""Open a voice ahead of need, while the words that it will answer are still being written down."""

import asyncio
from contextlib import suppress

from rtcserver import metrics
from rtcserver.errors import ServiceError
from rtcserver.services.tts.base import Synthesizer, Voice


class WarmVoice:
    """The synthesizer of one call, with at most one voice in store."""

    def __init__(self, synthesizer: Synthesizer, tasks: asyncio.TaskGroup, keep_s: float) -> None:
        """A voice that nobody has asked for within `keep_s` is closed; 0 opens none ahead."""
        self._synthesizer, self._tasks, self._keep_s = synthesizer, tasks, keep_s
        self._stored: _Stored | None = None

    def expect(self, name: str) -> None:
        """It will be asked for soon, or not at all."""
        if self._keep_s == 0:
            return
        if self._stored and self._stored.holds(name):
            self._stored.renew()
            return
        if self._stored:
            self._stored.dismiss()
        self._stored = _Stored(name, self._keep_s)
        keeping = self._stored.keep(self._synthesizer)
        self._tasks.create_task(keeping, name="warm voice")

    async def open(self, voice: str) -> Voice:
        """As the synthesizer does, or at once."""
        stored, self._stored = self._stored, None
        warm = None
        if stored and stored.holds(voice):
            warm = await stored.take()
        elif stored:
            stored.dismiss()
        return warm or await self._synthesizer.open(voice)

    async def probe(self) -> float:
        return await self._synthesizer.probe()


class _Stored:
    """One voice, and the task that owns it until it is handed over."""

    def __init__(self, name: str, keep_s: float) -> None:
        self._name, self._over = name, False
        self._keep_s = keep_s
        self._wanted = asyncio.Event()
        self._limit: asyncio.Timeout | None = None
        self._claim: asyncio.Future[Voice | None] | None = None

    def holds(self, name: str) -> bool:
        return name == self._name and not self._over

    def renew(self) -> None:
        """The time that it is kept begins anew."""
        if self._limit:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._keep_s)

    def dismiss(self) -> None:
        """Nobody will ask for it."""
        self._wanted.set()

    async def take(self) -> Voice | None:
        """None if it could not be opened. Who is cancelled here leaves nothing open."""
        claim: asyncio.Future[Voice | None] = asyncio.get_running_loop().create_future()
        self._claim = claim
        self._wanted.set()
        try:
            return await claim
        except asyncio.CancelledError:
            # Cancelled before it was handed over, the claim is cancelled too, and keep() closes.
            if not claim.cancelled() and (voice := claim.result()) is not None:
                await voice.close()
            raise

    async def keep(self, synthesizer: Synthesizer) -> None:
        voice: Voice | None = None
        try:
            voice = await synthesizer.open(self._name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._keep_s) as self._limit:
                    await self._wanted.wait()
        except ServiceError:
            pass  # counted where it was raised; who needs a voice will find out for himself
        finally:
            self._over, self._limit = True, None
            used = self._claim is not None and not self._claim.done()
            if self._claim is not None and used:
                self._claim.set_result(voice)
            elif voice is not None:
                await voice.close()
            if voice is not None:
                metrics.WARM_VOICES.labels("used" if used else "unused").inc()
