"""An event loop whose clock jumps to the next timer: waiting takes no time, and order is exact."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from rtcserver import timer

T = TypeVar("T")

_THREAD_GRACE_S = 1.0  # real seconds a worker thread may take to answer when nothing else is due
_ARRIVAL_S = 0.001  # real seconds that a packet on loopback may take
_CLEANUP_S = 60.0  # virtual seconds that cancelled tasks get once the limit has struck


class StuckError(RuntimeError):
    """No timer is left that could wake a task, or `main` was not done within its limit."""


class _JumpingSelector(selectors.DefaultSelector):
    now = 0.0
    limit_s = float("inf")
    arrival_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Ready files at once; else the clock jumps by `timeout`, which is the next timer."""
        if timeout == 0:  # something is ready to run already; files can wait until nothing is
            return []
        if ready := super().select(self.arrival_s if timeout is not None else _THREAD_GRACE_S):
            return list(ready)
        if timeout is None:
            raise StuckError("every task waits, and no timer is left to wake one")
        if self.now + timeout > self.limit_s:
            self.limit_s += _CLEANUP_S
            raise StuckError(f"not done after {self.now:.3f} virtual seconds")
        self.now += max(timeout, 0.0)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For code without threads: time runs only while every task waits, and no packet is on its
    way over loopback if there are `sockets`."""

    def __init__(self, limit_s: float = float("inf"), *, sockets: bool = False) -> None:
        self._jumping = _JumpingSelector()
        self._jumping.limit_s = limit_s
        self._jumping.arrival_s = _ARRIVAL_S if sockets else 0.0
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now


def run(main: Coroutine[Any, Any, T], *, limit_s: float = 4 * 3600, sockets: bool = False) -> T:
    """Run `main` with timer.now() and the loop on one virtual clock that starts at 0. With
    `sockets` it may speak to itself over loopback.

    Raises StuckError instead of hanging, also after `limit_s` virtual seconds.
    """
    loop = VirtualTimeLoop(limit_s, sockets=sockets)
    with timer.using(loop.time), asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main)
