"""Ask instances how they are: for /health, and ahead of need to know which one is best."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from rtcserver.errors import ServiceError, ServiceUnavailable
from rtcserver.services.pool import Instance, Pool
from rtcserver.services.standing import Load, best_first
from rtcserver.timer import now

_EVERY_S = 2.0
_LIMIT_S = 1.0


@runtime_checkable
class TellsLoad(Protocol):
    """An adapter whose server tells how full it is."""

    async def load(self) -> Load | None:
        """None if this server does not. Raises ServiceError."""
        ...


@dataclass(frozen=True, slots=True)
class Vitals:
    """`instance` passed a health check in `took_s`; its load, if it tells one."""

    took_s: float
    instance: str
    load: Load | None = None

    @property
    def engine(self) -> str:
        """What does the work there; empty if it does not tell."""
        return self.load.engine if self.load else ""

    @property
    def backend(self) -> str:
        """The engine, or where it is."""
        return self.engine or self.instance.removesuffix(":")


async def probe(pool: Pool[Any]) -> float:
    """Seconds of one health check, of the first instance that passes it.

    Raises the ServiceError of the best one if none does."""
    _, took_s = await _first_that_is_up(pool)
    return took_s


async def vitals(pool: Pool[Any]) -> Vitals:
    """Of the first instance that passes a health check. Raises as probe() does."""
    instance, took_s = await _first_that_is_up(pool)
    load = None
    if isinstance(instance.adapter, TellsLoad):
        with suppress(ServiceError):
            load = await instance.adapter.load()
    return Vitals(took_s, instance.name, load)


async def ailing(pool: Pool[Any]) -> dict[str, ServiceError]:
    """The instances that do not pass a health check, and why."""
    found = {}
    for instance in (one for kind in pool.instances() for one in kind):
        try:
            instance.check(pool.service)
            await instance.adapter.probe()
        except ServiceError as error:
            found[instance.name] = error
    return found


async def _first_that_is_up(pool: Pool[Any]) -> tuple[Instance[Any], float]:
    first: ServiceError | None = None
    for instance in best_first(pool.instances(), now()):
        try:
            instance.check(pool.service)
            return instance, float(await instance.adapter.probe())
        except ServiceError as error:
            first = first or error
    raise first or ServiceUnavailable(pool.service, "its name has no address")


async def keep_asking(pool: Pool[Any], every_s: float = _EVERY_S) -> None:
    """Until cancelled. A lone instance is not asked: there is no choice."""
    while True:
        instances = [instance for kind in pool.instances() for instance in kind]
        if len(instances) > 1:
            async with asyncio.TaskGroup() as asking:
                for instance in instances:
                    asking.create_task(_ask(pool, instance), name=f"ask {instance.name}")
        await asyncio.sleep(every_s)


async def _ask(pool: Pool[Any], instance: Instance[Any]) -> None:
    """Those that tell their load; of others only those that are down, to see them come back."""
    adapter, standing = instance.adapter, instance.standing
    try:
        async with asyncio.timeout(_LIMIT_S):
            if isinstance(adapter, TellsLoad):
                standing.told(await adapter.load())
            elif standing.down:
                await adapter.probe()
    except (TimeoutError, ServiceError):
        pool.is_down(instance, True)
    else:
        if standing.may_return(now()):
            pool.is_down(instance, False)
