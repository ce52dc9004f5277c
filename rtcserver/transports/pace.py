"""Keep a client that plays audio itself only a little ahead of its ear."""

import asyncio
import math
from contextlib import suppress

from rtcserver.audio.pacing import Ear
from rtcserver.timer import now
from rtcserver.transports.base import PlaybackStarted, PlaybackStopped
from rtcserver.transports.inbox import Inbox

LEAD_SEC = 0.3
"""Clients count what was played by the wall clock since the first delta, so stay close to it."""

_LONGEST_WAIT_S = 1.0


class Pace:
    """Says when the next frame may be sent, and reports playback as the ear is reckoned to be."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._ear = Ear()
        self._response_id: str | None = None
        self._paused = False
        self._finished = False
        self._ending: asyncio.TimerHandle | None = None
        self._clears = 0
        self._changed = asyncio.Event()

    async def ready(self) -> bool:
        """Wait until the lead is used up. False if clear() came first: drop the frame."""
        clears = self._clears
        while clears == self._clears:
            wait = math.inf if self._paused else self._ear.lead(now()) - LEAD_SEC
            if wait <= 0:
                return True
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(wait, _LONGEST_WAIT_S)):
                    await self._changed.wait()
        return False

    def sent(self, response_id: str, samples: int) -> None:
        if response_id != self._response_id:
            self._response_id = response_id
            self._inbox.put(PlaybackStarted(response_id))
        self._finished = False
        self._ear.push(response_id, samples, now())

    def finish(self) -> None:
        if self._response_id and not self._finished:
            self._finished = True
            self._watch_for_the_end()

    def pause(self) -> None:
        """Send no more. The client, told nothing yet, plays on what it has in store."""
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._changed.set()

    def clear(self) -> None:
        self._forget_the_end()
        self._ear.clear(now())
        self._paused = self._finished = False
        self._response_id = None
        self._clears += 1
        self._changed.set()

    def played(self) -> int:
        return self._ear.played(now())

    def _watch_for_the_end(self) -> None:
        if self._response_id is None:
            return
        stopped = PlaybackStopped(self._response_id)
        delay = self._ear.lead(now())
        self._ending = asyncio.get_running_loop().call_later(delay, self._inbox.put, stopped)

    def _forget_the_end(self) -> None:
        if self._ending:
            self._ending.cancel()
            self._ending = None
