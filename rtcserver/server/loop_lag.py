"""Measure how late the event loop wakes up: the first sign of a server that does too much."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from rtcserver.metrics import LOOP_LAG_SECONDS
from rtcserver.timer import now

_EVERY_S = 0.25


async def measure_loop_lag(_app: web.Application) -> AsyncIterator[None]:
    """A cleanup context of aiohttp: runs as long as the app does."""
    task = asyncio.create_task(_measure(), name="loop lag")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _measure() -> None:
    while True:
        due = now() + _EVERY_S
        await asyncio.sleep(_EVERY_S)
        LOOP_LAG_SECONDS.observe(max(0.0, now() - due))
