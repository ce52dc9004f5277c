"""The body of a request is not waited for without end."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web

T = TypeVar("T")


async def in_time(reading: Awaitable[T], limit_s: float) -> T:
    """A client that sends its body slowly holds a connection, but not for longer than this."""
    try:
        async with asyncio.timeout(limit_s):
            return await reading
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"The body took longer than {limit_s:g} s.") from None
