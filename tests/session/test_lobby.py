"""Calls come in, end, and leave each other alone."""

import asyncio

from rtcserver.config import Server, Settings
from rtcserver.ids import counting_ids
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.services.tools.scripted import ScriptedTools
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.services.vad.scripted import ScriptedVad
from rtcserver.session.lobby import Lobby, Request
from rtcserver.session.services import Services
from rtcserver.transports.scripted import ScriptedTransport
from tests.virtual_time import run


class _Unclosable(ScriptedTransport):
    """As a library's bug would make it."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await super().close(code, reason)
        raise RuntimeError("cannot close")


def lobby(max_calls: int = 8) -> Lobby:
    services = Services(
        ScriptedTranscribers(),
        ScriptedChat(["Yes."]),
        ScriptedSynthesizer(),
        ScriptedVad,
        ScriptedTools({}),
    )
    settings = Settings(server=Server(max_calls=max_calls))
    return Lobby(settings, services, counting_ids())


def test_a_wire_that_cannot_be_closed_ends_no_other_call() -> None:
    async def main() -> tuple[int, ScriptedTransport]:
        broken, sound = _Unclosable(1.0), ScriptedTransport(5.0)
        async with lobby() as calls, asyncio.TaskGroup() as callers:
            for name, wire in (("a", broken), ("b", sound)):
                calls.start(wire, Request(name, "webrtc"))
                callers.create_task(wire.run())
            await asyncio.sleep(2.0)
            return calls.active, sound

    active, sound = run(main())
    assert active == 1
    assert sound.closed == (1012, "the server is going away")


def test_a_call_that_lost_the_last_place_while_it_connected_is_refused() -> None:
    async def main() -> tuple[int, str] | None:
        first, late = ScriptedTransport(3.0), ScriptedTransport(3.0)
        async with lobby(max_calls=1) as calls, asyncio.TaskGroup() as callers:
            calls.start(first, Request("a", "websocket"))
            callers.create_task(first.run())
            await calls.host(late, Request("b", "websocket"))
        return late.closed

    assert run(main()) == (1013, "All 1 lines are busy.")
