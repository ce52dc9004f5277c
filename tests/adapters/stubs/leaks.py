"""Wait for a condition, read a series, and see that nothing is left behind."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from prometheus_client import REGISTRY

LIMIT_S = 5.0


async def until(
    condition: Callable[[], bool], limit_s: float = LIMIT_S, every_s: float = 0.002
) -> None:
    """Returns once it holds. Raises TimeoutError."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  (any condition, not ours to signal)
            await asyncio.sleep(every_s)


def open_sockets() -> int:
    count = 0
    for fd in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            count += os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")
    return count


def counted(series: str, **labels: str) -> float:
    """The value of a Prometheus series; 0 if it has none yet."""
    return REGISTRY.get_sample_value(series, labels) or 0.0


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Soon after the block there are no more tasks and sockets than before it."""
    tasks, sockets = asyncio.all_tasks(), open_sockets()
    yield
    with suppress(TimeoutError):
        await until(lambda: asyncio.all_tasks() <= tasks and open_sockets() <= sockets)
    assert asyncio.all_tasks() - tasks == set()
    assert open_sockets() <= sockets
