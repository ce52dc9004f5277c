"""Wait until a service answers: models take time to load, and a server may still be starting."""

import asyncio
from collections.abc import Mapping

import structlog

from rtcserver.errors import ServiceBroken, ServiceError, ServiceUnavailable
from rtcserver.server.context import Probe
from rtcserver.services.probing import Vitals

PATIENCE_S = 30.0
_RETRY_S = 0.5

_log = structlog.get_logger(__name__)


async def arrival(name: str, probe: Probe, patience_s: float = PATIENCE_S) -> Vitals:
    """How it is then. Raises ServiceError with what was said last, at once if it never will be."""
    last: ServiceError = ServiceUnavailable(name, "no answer")
    try:
        async with asyncio.timeout(patience_s):
            while True:
                try:
                    await probe()  # may have waited for a model to be loaded
                    return await probe()
                except ServiceBroken:
                    raise
                except ServiceError as error:
                    last = error
                await asyncio.sleep(_RETRY_S)
    except TimeoutError:
        raise last from None


async def announce(probes: Mapping[str, Probe]) -> None:
    """Log which services have come up, and which have not."""
    async with asyncio.TaskGroup() as tasks:
        for name, probe in probes.items():
            tasks.create_task(_announce(name, probe), name=f"announce {name}")


async def _announce(name: str, probe: Probe) -> None:
    try:
        await _tell(name, probe)
    except Exception:  # of ours; it must neither stay silent nor end the others
        _log.exception("cannot tell how a service is", service=name)


async def _tell(name: str, probe: Probe) -> None:
    try:
        await probe()
    except ServiceError as error:
        _log.warning("service does not answer yet", setting=f"{name}.url", reason=str(error))
    try:
        found = await arrival(name, probe)
    except ServiceError as error:
        _log.error("service does not answer", setting=f"{name}.url", reason=str(error))
    else:
        took_ms = round(found.took_s * 1000)
        _log.info("service answers", service=name, backend=found.backend, ms=took_ms)
