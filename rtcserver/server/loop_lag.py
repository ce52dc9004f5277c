"""Measure how late the event loop wakes up: the first sign of a server that does too much."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from rtcserver.metrics import LOOP_LAG_SECONDS, LOOP_WORK_SECONDS
from rtcserver.timer import cpu_now, now

_EVERY_S = 0.02  # what holds the loop for longer is not missed between two looks


async def measure_loop_lag(_app: web.Application) -> AsyncIterator[None]:
    """A cleanup context of aiohttp: runs as long as the app does."""
    task = asyncio.create_task(_measure(), name="loop lag")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _measure() -> None:
    while True:
        due, worked_s = now() + _EVERY_S, cpu_now()
        await asyncio.sleep(_EVERY_S)
        lag_s = max(0.0, now() - due)
        LOOP_LAG_SECONDS.observe(lag_s)
        LOOP_WORK_SECONDS.observe(min(lag_s, cpu_now() - worked_s))
