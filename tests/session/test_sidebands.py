"""Who listens to a call beside its caller."""

import asyncio

import pytest

from rtcserver.errors import RateLimited
from rtcserver.realtime.events.rtc import RtcPlaybackPaused
from rtcserver.realtime.events.session import SessionCreated
from rtcserver.session.lobby import Lobby, Request
from rtcserver.session.sidebands import Sideband, Sidebands
from rtcserver.transports.scripted import ScriptedTransport
from tests.session.test_lobby import lobby
from tests.virtual_time import run

OURS = RtcPlaybackPaused(response_id="resp_1", audio_ms=80)


def test_our_own_events_come_to_the_one_that_asks_for_them() -> None:
    sidebands = Sidebands(limit=2)
    plain, asking = ScriptedTransport(1.0), ScriptedTransport(1.0)
    with (
        sidebands.opened(Sideband(plain)),
        sidebands.opened(Sideband(asking, rtc_events=True)),
    ):
        sidebands.send(OURS)
    assert [event for _, event in asking.said] == [OURS]
    assert plain.said == []


def test_no_more_than_so_many_are_open_and_who_leaves_makes_room() -> None:
    sidebands = Sidebands(limit=1)
    wire = ScriptedTransport(1.0)
    with (
        sidebands.opened(Sideband(wire)),
        pytest.raises(RateLimited, match="1 sidebands"),
        sidebands.opened(Sideband(wire)),
    ):
        pass
    with sidebands.opened(Sideband(wire)):
        pass
    sidebands.send(OURS)
    assert wire.said == []  # it has left


def test_one_whose_call_has_ended_meanwhile_is_closed() -> None:
    async def main() -> tuple[int, str] | None:
        wire = ScriptedTransport(1.0)
        async with lobby() as calls:
            await calls.attend("rtc_1", Sideband(wire))
        return wire.closed

    assert run(main()) == (1000, "the call has ended")


def test_a_call_and_its_sidebands_end_together() -> None:
    async def attended(calls: Lobby, wire: ScriptedTransport) -> None:
        await calls.attend("rtc_1", Sideband(wire))

    async def main() -> ScriptedTransport:
        caller, beside = ScriptedTransport(2.0), ScriptedTransport(60.0)
        async with lobby() as calls, asyncio.TaskGroup() as tasks:
            calls.start(caller, Request("rtc_1", "webrtc"))
            tasks.create_task(caller.run())
            tasks.create_task(attended(calls, beside))
            await asyncio.sleep(3.0)
            assert calls.active == 0
        return beside

    beside = run(main())
    assert beside.closed == (1000, "the call has ended")
    assert isinstance(beside.said[0][1], SessionCreated)
