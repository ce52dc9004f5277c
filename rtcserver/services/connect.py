"""Connect to a service: time limit, back-off, and every attempt counted."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from rtcserver.errors import ServiceBusy, ServiceError, ServiceFailed, ServiceUnavailable
from rtcserver.metrics import SERVICE_ATTEMPTS, SERVICE_FAILURES, SERVICE_READY_SECONDS
from rtcserver.timer import Stopwatch

T = TypeVar("T")
Jitter = Callable[[float], float]
"""Spreads a delay, so that callers cut off together do not come back together."""

_FIRST_DELAY_S = 0.05


def spread(delay_s: float) -> float:
    return delay_s * random.uniform(0.5, 1.0)


def backoff(first_s: float, longest_s: float, jitter: Jitter = spread) -> Iterator[float]:
    """Delays without end, each twice the one before it."""
    delay_s = first_s
    while True:
        yield jitter(delay_s)
        delay_s = min(2 * delay_s, longest_s)


def count_failure(error: ServiceError) -> None:
    reason = type(error).__name__.removeprefix("Service").lower()
    SERVICE_FAILURES.labels(error.service, reason).inc()


async def connect(
    service: str, once: Callable[[], Awaitable[T]], *, timeout_s: float, attempts: int = 3
) -> T:
    """What `once` returns, within `timeout_s` in all.

    Raises the last ServiceBusy or ServiceUnavailable if no attempt made it; anything else at once.
    """
    failure: ServiceError = ServiceUnavailable(service, f"not ready within {timeout_s:g} s")
    watch = Stopwatch()
    delays = backoff(_FIRST_DELAY_S, timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            for left in reversed(range(attempts)):
                SERVICE_ATTEMPTS.labels(service).inc()
                try:
                    ready = await once()
                except (ServiceBusy, ServiceUnavailable) as error:
                    failure = error
                    count_failure(error)
                except ServiceFailed as error:
                    count_failure(error)
                    raise
                else:
                    SERVICE_READY_SECONDS.labels(service).observe(watch.elapsed())
                    return ready
                if left:
                    await asyncio.sleep(next(delays))
    except TimeoutError:
        count_failure(ServiceUnavailable(service, "timed out"))
    raise failure
