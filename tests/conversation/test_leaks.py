"""When calls are over, the server holds no more than before them, seen from outside."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.conversation.brief_calls import BY_NAME, BriefCall
from tests.conversation.processes import until
from tests.conversation.real_server import RealServer

IN_A_ROW = 20
AT_ONCE = 10
LIMIT_S = 60.0
# aiohttp lets idle connections to the demo agent go when it looks at them, which it does every
# 15 s, and they were idle for as long: after 30 s at the latest.
SETTLED_S = 45.0
REAPED_S = 30.0

pytestmark = pytest.mark.timeout(240)


def held(server: RealServer) -> dict[str, float]:
    """What calls take in the server, in its children, and of their slots."""
    return server.held() | {
        "tasks": server.metric("rtc_tasks"),
        "calls": server.metric("rtc_calls_active"),
        "streams": server.metric("rtc_service_active"),
    }


async def idle(server: RealServer) -> dict[str, float]:
    """What is held without a call; the last test's may just be ending."""
    calls = "rtc_calls_active"
    await asyncio.to_thread(until, lambda: server.metric(calls) == 0, REAPED_S, "no call")
    return held(server)


def more(server: RealServer, before: dict[str, float]) -> dict[str, float]:
    """What is held beyond what was."""
    now = held(server)
    return {name: now[name] for name in now if now[name] > before.get(name, 0)}


async def no_more(server: RealServer, before: dict[str, float], limit_s: float) -> None:
    with suppress(AssertionError):
        await asyncio.to_thread(until, lambda: not more(server, before), limit_s, "settled")
    assert more(server, before) == {}


async def all_at_once(server: RealServer, call: BriefCall) -> dict[str, float]:
    """What is held while all are answered at the same time."""
    everybody = asyncio.Barrier(AT_ONCE + 1)

    async def meet() -> None:
        await everybody.wait()  # all are there
        await everybody.wait()  # and were counted

    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as calls:
        for _ in range(AT_ONCE):
            calls.create_task(call(server.url, meet))
        await everybody.wait()
        counted = await asyncio.to_thread(held, server)
        await everybody.wait()
    return counted


async def hang_up_at_once() -> None:
    pass


@pytest.mark.parametrize("transport", BY_NAME)
async def test_calls_in_a_row_and_at_once_leave_nothing(server: RealServer, transport: str) -> None:
    call = BY_NAME[transport]
    before = await idle(server)
    for _ in range(IN_A_ROW):
        await call(server.url, hang_up_at_once)
    await no_more(server, before, SETTLED_S)
    during = await all_at_once(server, call)
    assert during["calls"] == AT_ONCE
    assert during["streams"] >= AT_ONCE
    assert during["rtcserver.local.stt_decoders: processes"] > AT_ONCE
    await no_more(server, before, SETTLED_S)


@asynccontextmanager
async def client(transport: str, url: str) -> AsyncIterator[Process]:
    """A caller in a process of its own, once it is being answered."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.conversation.brief_calls", transport, url),
        cwd=Path(__file__).parents[2],
        stdout=PIPE,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(LIMIT_S):
            assert await process.stdout.readline() == b"calling\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_clients_that_vanish_are_reaped(server: RealServer) -> None:
    before = await idle(server)
    async with (
        client("websocket", server.url) as frozen,
        client("websocket", server.url) as killed,
        client("webrtc", server.url) as gone,
    ):
        assert server.metric("rtc_calls_active") == 3
        # Its kernel still takes everything, and it says nothing.
        os.kill(frozen.pid, signal.SIGSTOP)
        os.kill(killed.pid, signal.SIGKILL)
        os.kill(gone.pid, signal.SIGKILL)
        await idle(server)
        await no_more(server, before, SETTLED_S)
