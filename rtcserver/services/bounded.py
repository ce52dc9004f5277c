"""Keep the newest in a full queue."""

import asyncio
from typing import TypeVar

T = TypeVar("T")


def put_newest(queue: asyncio.Queue[T], item: T) -> bool:
    """Put without waiting. True if the oldest had to go for it: late audio is worth nothing."""
    dropped = queue.full()
    if dropped:
        queue.get_nowait()
    queue.put_nowait(item)
    return dropped
