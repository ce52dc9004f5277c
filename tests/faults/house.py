"""One call whose services are stubs that speak the real wires, with one of them at fault."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from rtcserver.backends import Service
from rtcserver.config import Settings
from rtcserver.ids import counting_ids
from rtcserver.realtime.base import ServerEvent
from rtcserver.server.wiring_embedded import Reached
from rtcserver.server.wiring_pools import pooled
from rtcserver.services.llm.pooled import PooledChat
from rtcserver.services.pool import Pool
from rtcserver.services.stt.pooled import PooledTranscribers
from rtcserver.services.tools.scripted import ScriptedTools
from rtcserver.services.tts.pooled import PooledSynthesizer
from rtcserver.services.vad.scripted import ScriptedVad
from rtcserver.session.defaults import effective_session
from rtcserver.session.services import Services
from rtcserver.session.session import Session
from rtcserver.transports.scripted import ScriptedTransport
from tests.adapters.stubs.faults import Fault, Stub
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client
from tests.faults.backends import BACKENDS, WELL
from tests.virtual_time import run

SPOKEN_S = 0.6
_REST_S = 6.0  # after the last turn
_PATIENCE_S = 2.0  # the default of every service's connect_timeout_s
_BEAT_S = 0.08


@dataclass(frozen=True, slots=True)
class Call:
    wire: ScriptedTransport
    reason: str

    def events(self, kind: str, since: float = 0.0, till: float = 1e9) -> list[ServerEvent]:
        return [
            event
            for at, event in self.wire.said
            if since <= at < till and event.__struct_config__.tag == kind
        ]

    def statuses(self, since: float = 0.0, till: float = 1e9) -> list[str]:
        """How the responses ended."""
        done = self.events("response.done", since, till)
        return [event.response.status for event in done]  # type: ignore[attr-defined]

    def transcript(self) -> str:
        """Of the first response."""
        done = self.events("response.done")[0]
        parts = [part for item in done.response.output for part in item.content]  # type: ignore[attr-defined]
        return "".join(part.transcript for part in parts)

    def sound_s(self, since: float = 0.0, till: float = 1e9) -> float:
        """How much of what was heard then is no silence."""
        return sum(_BEAT_S for at, s in self.wire.heard if since <= at < till and s.any())


def call(
    faulty: str,
    fault: Fault | None,
    *,
    after: int = 0,
    turns: tuple[float, ...],
    mended_s: float,
    settings: Settings | None = None,
    beside: int = 0,
) -> Call:
    """Somebody says a word at each second of `turns`; from the beginning to `mended_s` the backend
    `faulty` has the fault, `after` so much of its work. `beside` it there are so many instances
    that are well. Nothing is left at the end."""
    chosen = WELL | {BACKENDS[faulty].service: faulty}
    stubs = {service: [BACKENDS[name].stub()] for service, name in chosen.items()}
    at_fault = stubs[BACKENDS[faulty].service]
    at_fault[0].fault = (fault, after) if fault else None
    at_fault += [BACKENDS[faulty].stub() for _ in range(beside)]
    house = _House(chosen, stubs, at_fault[0], mended_s)
    return run(_call(house, turns, settings or Settings()), sockets=True)


@dataclass(frozen=True, slots=True)
class _House:
    chosen: dict[str, str]
    """A backend for each service."""
    stubs: dict[str, list[Stub]]
    at_fault: Stub
    mended_s: float

    async def pool(self, service: Service, http: ClientSession, stack: AsyncExitStack) -> Pool[Any]:
        """As the server makes it, over all stubs of the service."""
        name = self.chosen[service]
        urls = [await stack.enter_async_context(stub.running()) for stub in self.stubs[service]]
        reached = [Reached(url, url, name, embedded=False) for url in urls]

        def make(http: ClientSession, one: Reached) -> Any:
            return BACKENDS[name].adapter(http, one.url)

        return await stack.enter_async_context(pooled(service, reached, http, make, _PATIENCE_S))

    @property
    def held(self) -> bool:
        return any(stub.held for stubs in self.stubs.values() for stub in stubs)


async def _call(house: _House, turns: tuple[float, ...], settings: Settings) -> Call:
    said = [(start, start + SPOKEN_S) for start in turns]
    wire = ScriptedTransport(turns[-1] + _REST_S, beat_s=_BEAT_S, sounds=said)
    async with nothing_left(), AsyncExitStack() as stack:
        http = await stack.enter_async_context(client())
        services = Services(
            PooledTranscribers(await house.pool("stt", http, stack)),
            PooledChat(await house.pool("llm", http, stack)),
            PooledSynthesizer(await house.pool("tts", http, stack)),
            lambda: ScriptedVad(said),
            ScriptedTools({}),
        )
        session = Session(
            wire,
            services,
            settings,
            session=effective_session(
                settings, session_id="sess_1", expires_at=0, model=None, changes=None
            ),
            new_id=counting_ids(),
        )
        asyncio.get_running_loop().call_later(house.mended_s, house.at_fault.mend)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wire.run())
            reason = await session.run()
        await until(lambda: not house.held)
    assert [counted("rtc_service_active", service=service) for service in house.stubs] == [0, 0, 0]
    return Call(wire, reason)
