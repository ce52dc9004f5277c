"""Lease a stream from the best of several instances, and from the next one where that fails."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import stamina
import structlog
from stamina.instrumentation import set_on_retry_hooks

from rtcserver import metrics
from rtcserver.errors import ServiceBroken, ServiceBusy, ServiceError, ServiceUnavailable
from rtcserver.services.standing import Standing, best_first
from rtcserver.timer import Stopwatch, now

A = TypeVar("A")
T = TypeVar("T")

_ROUNDS = 3
_FIRST_DELAY_S = 0.05
_ELSEWHERE = (ServiceBusy, ServiceUnavailable)  # anything else would fail at any other, too

set_on_retry_hooks(())  # they write down what a refusal says, and that may quote the caller

_log = structlog.get_logger(__name__)


Broken = Callable[[], str]
"""Why something can never work; empty as long as it may."""


def fine() -> str:
    return ""


@dataclass(frozen=True, eq=False)
class Instance(Generic[A]):
    """One server. `name` is its address without secrets; the adapter speaks to it alone."""

    name: str
    adapter: A
    standing: Standing = field(default_factory=Standing)
    broken: Broken = fine

    def check(self, service: str) -> None:
        """Raises ServiceBroken."""
        if why := self.broken():
            raise ServiceBroken(service, why)


Kinds = Sequence[Sequence[Instance[A]]]
"""Instances in the order in which they are preferred; those of one kind share the load."""


class Lease(Generic[T]):
    """What was opened, and the instance that is the busier for it until it is given back."""

    def __init__(self, service: str, instance: Instance[A], opened: T) -> None:
        self.opened = opened
        self._standing: Standing | None = instance.standing
        self._gauge = metrics.SERVICE_LEASES.labels(service, instance.name)
        self._standing.leases += 1
        self._gauge.inc()

    def give_back(self) -> None:
        """Idempotent. What was opened is the holder's to close."""
        if self._standing is not None:
            self._standing.leases -= 1
            self._standing = None
            self._gauge.dec()


class Pool(Generic[A]):
    def __init__(self, service: str, instances: Callable[[], Kinds[A]], patience_s: float) -> None:
        """No new round of attempts begins after `patience_s`; each attempt has a limit of its own,
        which is the adapter's."""
        self.service, self.instances = service, instances
        self._patience_s = patience_s

    async def lease(self, open_at: Callable[[A], Awaitable[T]]) -> Lease[T]:
        """What `open_at` opens at the first instance that lets it. A caller who is cancelled
        leaves nothing open, as long as that holds for `open_at`.

        Raises the ServiceBusy or ServiceUnavailable of the best instance once all have refused,
        round after round; what else an instance raises at once."""
        watch = Stopwatch()

        def patient(error: Exception) -> bool:
            return isinstance(error, _ELSEWHERE) and watch.elapsed() < self._patience_s

        try:
            async for attempt in stamina.retry_context(
                on=patient,
                attempts=_ROUNDS,
                timeout=None,  # its clock is not timer.now()
                wait_initial=_FIRST_DELAY_S,
                wait_jitter=_FIRST_DELAY_S,
            ):
                with attempt:
                    lease = await self._round(open_at)
                    metrics.SERVICE_FIND_SECONDS.labels(self.service).observe(watch.elapsed())
                    return lease
        except _ELSEWHERE:
            metrics.SERVICE_HARD_MISSES.labels(self.service).inc()
            raise
        raise AssertionError("a round returns or raises")

    def is_down(self, instance: Instance[A], down: bool) -> None:
        """It was just seen to be so, or not; a change is news."""
        if instance.standing.down != down:
            instance.standing.down = down
            state = "down" if down else "up again"
            _log.warning(f"instance is {state}", service=self.service, instance=instance.name)

    async def _round(self, open_at: Callable[[A], Awaitable[T]]) -> Lease[T]:
        first: ServiceError | None = None
        for instance in best_first(self.instances(), now()):
            standing = instance.standing
            standing.leases += 1  # from now on, so that those who come at once spread out
            try:
                instance.check(self.service)
                opened = await open_at(instance.adapter)
            except _ELSEWHERE as error:
                metrics.SERVICE_MISSES.labels(self.service).inc()
                self._missed(instance, error)
                first = first or error
            else:
                standing.opened()
                self.is_down(instance, False)
                return Lease(self.service, instance, opened)
            finally:
                standing.leases -= 1
        raise first or ServiceUnavailable(self.service, "its name has no address")

    def _missed(self, instance: Instance[A], error: ServiceError) -> None:
        if isinstance(error, ServiceBusy):
            instance.standing.refused(now())
        else:
            instance.standing.failed(now())
            self.is_down(instance, True)
