"""One call whose services are stubs that speak the real wires, with one of them at fault."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from rtcserver.config import Settings
from rtcserver.ids import counting_ids
from rtcserver.realtime.base import ServerEvent
from rtcserver.services.tools.scripted import ScriptedTools
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
_BEAT_S = 0.08


@dataclass(frozen=True, slots=True)
class Call:
    wire: ScriptedTransport
    reason: str
    stubs: dict[str, Stub]

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
) -> Call:
    """Somebody says a word at each second of `turns`; from the beginning to `mended_s` the backend
    `faulty` has the fault, `after` so much of its work. Nothing is left at the end."""
    return run(_call(faulty, fault, after, turns, mended_s, settings or Settings()), sockets=True)


async def _call(
    faulty: str,
    fault: Fault | None,
    after: int,
    turns: tuple[float, ...],
    mended_s: float,
    settings: Settings,
) -> Call:
    chosen = WELL | {BACKENDS[faulty].service: faulty}
    stubs = {service: BACKENDS[name].stub() for service, name in chosen.items()}
    at_fault = stubs[BACKENDS[faulty].service]
    at_fault.fault = (fault, after) if fault else None
    said = [(start, start + SPOKEN_S) for start in turns]
    wire = ScriptedTransport(turns[-1] + _REST_S, beat_s=_BEAT_S, sounds=said)
    async with nothing_left(), AsyncExitStack() as stack:
        http = await stack.enter_async_context(client())
        ports = {}
        for service, stub in stubs.items():
            url = await stack.enter_async_context(stub.running())
            ports[service] = BACKENDS[chosen[service]].adapter(http, url)
        services = Services(
            ports["stt"], ports["llm"], ports["tts"], lambda: ScriptedVad(said), ScriptedTools({})
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
        asyncio.get_running_loop().call_later(mended_s, at_fault.mend)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wire.run())
            reason = await session.run()
        await until(lambda: not any(stub.held for stub in stubs.values()))
    assert [counted("rtc_service_active", service=service) for service in stubs] == [0, 0, 0]
    return Call(wire, reason, stubs)
