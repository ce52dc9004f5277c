"""Count what a process holds: tasks, threads, open files."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_LOOKS, _BETWEEN_LOOKS_S = 500, 0.01


def held() -> dict[str, int]:
    # The default executor's threads stay, and come one by one; they are nobody's leak.
    threads = [t for t in threading.enumerate() if not t.name.startswith("asyncio_")]
    tasks = [task for task in asyncio.all_tasks() if not task.done()]
    return {"tasks": len(tasks), "threads": len(threads), "files": len(os.listdir("/proc/self/fd"))}


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Fails unless all that was taken inside is given back soon after."""
    before = held()
    yield
    for _ in range(_LOOKS):  # sockets close in the next rounds of the loop, and nothing tells when
        if not _more(before, held()):
            break
        await asyncio.sleep(_BETWEEN_LOOKS_S)
    more = _more(before, held())
    assert not more, (more, [task.get_name() for task in asyncio.all_tasks()])


def _more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {kind: n - before[kind] for kind, n in after.items() if n > before[kind]}
