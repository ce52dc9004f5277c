"""A real server under all that hostile clients do at once: memory is bounded, calls go on."""

import asyncio
import json
import re
from pathlib import Path

from aiohttp import ClientSession, ClientWebSocketResponse
from yarl import URL

from tests.loopback.raw import BINARY, LIMIT_S, RawSocket, frame, raw_websocket
from tests.loopback.test_serve import served

REALTIME = "/v1/realtime"
# A call may hold 32 MB of events in its inbox, 8 MB in its outbox, and two messages of 16 MB, one
# of them as text. Five calls here come near to that, and the allocator keeps what it once had.
MAX_GROWTH_MB = 320
MAX_LATER_GROWTH_MB = 48
UPDATE = {"type": "session.update", "session": {"type": "realtime"}}
BIG = {**UPDATE, "session": {"type": "realtime", "instructions": "x" * 10**6}}


def rss_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


async def huge_messages(url: URL) -> None:
    """Ten of 15 MB, which is allowed, and one of 20 MB, which is not."""
    socket = await raw_websocket(url, REALTIME)
    for _ in range(10):
        await socket.send(frame(b'{"type": "no.such", "x": "' + b"x" * 15 * 2**20 + b'"}'))
    await socket.send(frame(b"x" * 2**16, length=20 * 2**20))
    assert await socket.close_code() == 1009
    socket.abandon()


async def bursts(url: URL) -> None:
    socket = await raw_websocket(url, REALTIME)
    reading = asyncio.create_task(socket.close_code())
    for _ in range(10):
        await socket.send(*(frame(b'{"type": "no.such"}') for _ in range(1_000)))
        await socket.send(*(frame(b"\0" * 1_000, BINARY) for _ in range(1_000)))
    await socket.send(frame(b"\x03\xe8", opcode=8))
    assert await reading == 1000
    socket.abandon()


async def deaf(url: URL) -> None:
    """Asks and asks, and never reads: until the server has enough of it."""
    socket = await raw_websocket(url, REALTIME)
    event = frame(json.dumps(BIG).encode())
    try:
        async with asyncio.timeout(LIMIT_S):
            while True:
                socket.writer.write(event)
                await socket.writer.drain()
    except ConnectionError:
        pass
    socket.abandon()


async def half_open(url: URL, sockets: list[RawSocket]) -> None:
    """Left in the middle of a frame that would be large."""
    socket = await raw_websocket(url, REALTIME)
    await socket.send(frame(b"x" * 2**10, length=15 * 2**20))
    sockets.append(socket)


async def is_served(ws: ClientWebSocketResponse, over: asyncio.Event) -> None:
    """An honest caller beside all this."""
    while not over.is_set():
        await ws.send_json(UPDATE)
        async with asyncio.timeout(LIMIT_S):
            while (await ws.receive_json())["type"] != "session.updated":
                pass


async def attack(url: URL, sockets: list[RawSocket]) -> None:
    async with asyncio.timeout(3 * LIMIT_S), asyncio.TaskGroup() as hostile:
        for _ in range(20):
            hostile.create_task(half_open(url, sockets))
        for _ in range(3):
            hostile.create_task(deaf(url))
            hostile.create_task(bursts(url))
        hostile.create_task(huge_messages(url))


async def test_the_memory_of_a_server_under_attack_is_bounded(tmp_path: Path) -> None:
    words = ("--server.max_calls", "64", "--session.idle_reap_s", "2")
    async with served(tmp_path, *words) as server, ClientSession(server.url) as http:
        url, sockets, over = URL(server.url), list[RawSocket](), asyncio.Event()
        async with http.ws_connect(REALTIME) as ws, asyncio.TaskGroup() as tasks:
            tasks.create_task(is_served(ws, over))
            sizes = [rss_mb(server.process.pid)]
            for _ in range(2):
                await attack(url, sockets)
                await until_alone(http)
                sizes.append(rss_mb(server.process.pid))
            assert sizes[1] - sizes[0] < MAX_GROWTH_MB
            assert sizes[2] - sizes[1] < MAX_LATER_GROWTH_MB
            for socket in sockets:
                socket.abandon()
            over.set()
    assert not [line for line in server.lines if "Traceback" in line]


async def until_alone(http: ClientSession) -> None:
    """Until the honest call is the only one. The server is another process, so nothing tells."""
    async with asyncio.timeout(LIMIT_S):
        for _ in iter(lambda: False, True):
            async with http.get("/health") as response:
                if (await response.json())["calls"]["active"] == 1:
                    return
            await asyncio.sleep(0.05)
