"""Make one service of all its addresses: the adapter of each, and a pool over them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_address
from itertools import groupby
from typing import Any, TypeVar

import structlog
from aiohttp import ClientSession
from yarl import URL

from rtcserver.backends import Service
from rtcserver.server.wiring_embedded import Reached
from rtcserver.services.directory import Directory, Site
from rtcserver.services.pool import Pool
from rtcserver.services.probing import keep_asking

A = TypeVar("A")
_log = structlog.get_logger(__name__)
Make = Callable[[ClientSession, Reached], A]
"""Makes an adapter for one address."""
Pooled = AbstractAsyncContextManager[Pool[A]]


@asynccontextmanager
async def pooled(
    service: Service,
    reached: Sequence[Reached],
    http: ClientSession,
    make: Make[A],
    patience_s: float,
) -> AsyncIterator[Pool[A]]:
    """A pool over `reached`; neighbours of one kind share the load."""
    kinds = [list(kind) for _, kind in groupby(reached, key=lambda one: one.kind)]
    sites = [[_site(one, make) for one in kind] for kind in kinds]
    directory = Directory(service, sites, http)
    pool = Pool(service, directory.instances, patience_s)
    async with AsyncExitStack() as stack:
        for name, work in (("look up", directory.keep_looking()), ("ask", keep_asking(pool))):
            task = asyncio.create_task(_survive(work), name=f"{name} {service}")
            stack.push_async_callback(_end, task)
        yield pool


async def _survive(work: Coroutine[Any, Any, None]) -> None:
    """A bug in what is done beside the calls must not end them, nor be silent."""
    try:
        await work
    except Exception:
        _log.exception("gave up watching a service")


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _site(reached: Reached, make: Make[A]) -> Site[A]:
    def adapter(http: ClientSession) -> A:
        return make(http, reached)

    url = URL(reached.url)
    if reached.embedded:
        return Site(reached.address, adapter, broken=reached.broken)
    name, host = str(url.origin()), url.host or ""
    return Site(name, adapter, "" if _is_one(host) else host, url.port or 0)


def _is_one(host: str) -> bool:
    """Whether there is nothing to look up; localhost is one machine, whatever its addresses."""
    with suppress(ValueError):
        return bool(ip_address(host))
    return host in ("", "localhost")
