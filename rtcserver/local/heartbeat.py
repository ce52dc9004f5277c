"""Ping a WebSocket, and notice when its peer is gone."""

import asyncio
from collections.abc import Awaitable, Callable

from rtcserver.timer import Stopwatch

_PING_S = 10.0


class Heartbeat:
    """One socket's. The socket is opened with autoping=False, so that pongs are seen."""

    def __init__(self, *, pong_limit_s: float, data_limit_s: float = float("inf")) -> None:
        """Limits of the time without any pong, and without any other message."""
        self._pong_limit_s = pong_limit_s
        self._data_limit_s = data_limit_s
        self._pong = Stopwatch()
        self._data = Stopwatch()

    def saw_pong(self) -> None:
        self._pong = Stopwatch()

    def saw_data(self) -> None:
        self._data = Stopwatch()

    async def until_lost(self, ping: Callable[[], Awaitable[None]]) -> None:
        """Ping until the peer has exceeded a limit, or a ping fails with ConnectionError."""
        while not self._lost():
            try:
                async with asyncio.timeout(self._pong_limit_s):
                    await ping()
            except (ConnectionError, TimeoutError):
                return
            await asyncio.sleep(_PING_S)

    def _lost(self) -> bool:
        return (
            self._pong.elapsed() > self._pong_limit_s or self._data.elapsed() > self._data_limit_s
        )
