"""Those who listen to a call beside its caller, and may speak in it: sideband connections.

https://platform.openai.com/docs/guides/realtime-server-controls
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rtcserver.errors import RateLimited
from rtcserver.metrics import SIDEBANDS, SIDEBANDS_ACTIVE
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events.rtc import OUR_OWN
from rtcserver.transports.base import Transport

_RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True, eq=False)
class Sideband:
    """One of them. It hears what the caller is told, but no audio. One that does not read loses
    itself: its wire is bounded and closes, and send() never waits."""

    wire: Transport
    rtc_events: bool = False

    def send(self, event: ServerEvent) -> None:
        if self.rtc_events or not isinstance(event, OUR_OWN):
            self.wire.send(event)


class Sidebands:
    """All of one call."""

    def __init__(self, limit: int) -> None:
        self.over = False  # the call, and with it what may be said in it
        self._limit = limit
        self._open: list[Sideband] = []

    def check(self) -> None:
        """Raises RateLimited if there is no room for one more."""
        if len(self._open) >= self._limit:
            raise RateLimited(
                f"This call has {self._limit} sidebands already.", retry_after_s=_RETRY_AFTER_S
            )

    @contextmanager
    def opened(self, sideband: Sideband) -> Iterator[None]:
        """Raises RateLimited."""
        self.check()
        self._open.append(sideband)
        SIDEBANDS.inc()
        SIDEBANDS_ACTIVE.inc()
        try:
            yield
        finally:
            self._open.remove(sideband)
            SIDEBANDS_ACTIVE.dec()

    def send(self, event: ServerEvent) -> None:
        for sideband in self._open:
            sideband.send(event)

    async def close(self, code: int, reason: str) -> None:
        closing = [sideband.wire.close(code, reason) for sideband in self._open]
        await asyncio.gather(*closing, return_exceptions=True)
