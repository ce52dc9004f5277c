import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from rtcserver.config import Server, Settings
from rtcserver.errors import ConfigError
from rtcserver.server.run import serving
from tests.loopback.caller import Caller
from tests.loopback.door import CALLS, SDP

LIMIT_S = 30.0
LISTENING = re.compile(r"listening on (https?://127\.0\.0\.1:\d+)")


@dataclass
class Served:
    process: asyncio.subprocess.Process
    url: str
    lines: list[str] = field(default_factory=list)


@asynccontextmanager
async def served(folder: Path, *words: str) -> AsyncIterator[Served]:
    """`rtcserver serve` as a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rtcserver", "serve", "--port", "0", *words),
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=env,
    )
    assert process.stderr
    reading: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(LIMIT_S):
            while not (found := LISTENING.search((await process.stderr.readline()).decode())):
                assert process.returncode is None
        server = Served(process, found[1])
        reading = asyncio.create_task(_keep(process.stderr, server.lines))
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        if reading:
            await reading


async def _keep(stream: asyncio.StreamReader, lines: list[str]) -> None:
    lines.extend([line.decode() async for line in stream])


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_calls_children_and_the_process(
    number: signal.Signals, tmp_path: Path
) -> None:
    async with served(tmp_path) as server, ClientSession(server.url) as http, Caller() as caller:
        ws = await http.ws_connect("/v1/realtime")
        offer = await caller.offer()
        async with http.post(CALLS, data=offer, headers=SDP) as response:
            await caller.connect(await response.text())
        assert (await ws.receive(timeout=5)).type is WSMsgType.TEXT
        born = children(server.process.pid)
        assert len(born) == 3
        server.process.send_signal(number)
        while (await ws.receive(timeout=10)).type is WSMsgType.TEXT:
            pass
        assert ws.close_code == 1012
        await asyncio.wait_for(caller.channel_closed.wait(), LIMIT_S)
        assert await asyncio.wait_for(server.process.wait(), LIMIT_S) == 0
        assert not alive(born)
    assert not [line for line in server.lines if "Traceback" in line]
    assert [line for line in server.lines if "no API key is asked for" in line]


async def test_a_port_that_is_taken_is_the_operators_fault() -> None:
    taken = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with taken:
        with pytest.raises(
            ConfigError, match=f"= 127.0.0.1, {port}: Address already in use; stop the program"
        ):
            async with serving(Settings(server=Server(port=port))):
                pass


async def test_nothing_is_started_for_an_open_door_without_a_key() -> None:
    with pytest.raises(ConfigError, match=r"server\.api_keys"):
        async with serving(Settings(server=Server(host="0.0.0.0"))):
            pass
