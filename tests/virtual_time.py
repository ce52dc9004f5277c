"""An event loop whose clock jumps to the next timer: waiting takes no time, and order is exact."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from rtcserver import timer

T = TypeVar("T")

_THREAD_GRACE_S = 1.0  # real seconds a worker thread may take to answer when nothing else is due
_CLEANUP_S = 60.0  # virtual seconds that cancelled tasks get once the limit has struck


class StuckError(RuntimeError):
    """No timer is left that could wake a task, or `main` was not done within its limit."""


class _JumpingSelector(selectors.DefaultSelector):
    now = 0.0
    limit_s = float("inf")

    def select(self, timeout: float | None = None) -> list[Any]:
        """Ready files at once; else the clock jumps by `timeout`, which is the next timer."""
        if timeout == 0:  # something is ready to run already; files can wait until nothing is
            return []
        if ready := super().select(0 if timeout is not None else _THREAD_GRACE_S):
            return list(ready)
        if timeout is None:
            raise StuckError("every task waits, and no timer is left to wake one")
        if self.now + timeout > self.limit_s:
            self.limit_s += _CLEANUP_S
            raise StuckError(f"not done after {self.now:.3f} virtual seconds")
        self.now += max(timeout, 0.0)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For code without sockets and threads: time runs only while every task waits."""

    def __init__(self, limit_s: float = float("inf")) -> None:
        self._jumping = _JumpingSelector()
        self._jumping.limit_s = limit_s
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now


def run(main: Coroutine[Any, Any, T], *, limit_s: float = 4 * 3600) -> T:
    """Run `main` with timer.now() and the loop on one virtual clock that starts at 0.

    Raises StuckError instead of hanging, also after `limit_s` virtual seconds.
    """
    loop = VirtualTimeLoop(limit_s)
    with timer.using(loop.time), asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main)
