"""Connect to a service, once: time limit, and every attempt counted."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from rtcserver.errors import ServiceError, ServiceUnavailable
from rtcserver.metrics import SERVICE_ATTEMPTS, SERVICE_FAILURES, SERVICE_READY_SECONDS
from rtcserver.timer import Stopwatch

T = TypeVar("T")
Jitter = Callable[[float], float]
"""Spreads a delay, so that callers cut off together do not come back together."""


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


async def connect(service: str, once: Callable[[], Awaitable[T]], *, timeout_s: float) -> T:
    """What one attempt brings, within `timeout_s`; it is counted, and so is its failure.

    Raises ServiceError. Who wants another attempt, here or elsewhere, has a pool for it."""
    watch = Stopwatch()
    SERVICE_ATTEMPTS.labels(service).inc()
    try:
        async with asyncio.timeout(timeout_s):
            ready = await once()
    except TimeoutError:
        late = ServiceUnavailable(service, f"not ready within {timeout_s:g} s")
        count_failure(late)
        raise late from None
    except ServiceError as error:
        count_failure(error)
        raise
    SERVICE_READY_SECONDS.labels(service).observe(watch.elapsed())
    return ready
