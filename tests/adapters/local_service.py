"""A built-in speech server as a child process, and a raw client of its wire."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

LIMIT_S = 20.0

Message = dict[str, Any]


@dataclass(frozen=True)
class Service:
    url: str
    pid: int

    def children(self) -> set[int]:
        """Processes below it, at any depth, by pid."""
        return _below(self.pid)


@contextmanager
def running(module: str, *args: str) -> Iterator[Service]:
    """Start `module` as `serve` would, without the supervisor; stop it by letting go of stdin."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        child = subprocess.Popen(
            [sys.executable, "-m", module, *args, "--fd", str(fd)],
            stdin=subprocess.PIPE,
            pass_fds=(fd,),
        )
        try:
            yield Service(f"http://127.0.0.1:{listener.getsockname()[1]}", child.pid)
        finally:
            assert child.stdin
            child.stdin.close()
            assert child.wait(timeout=LIMIT_S) == 0


class Client:
    """Speaks msgpack; every wait is limited."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def send(self, message: Message) -> None:
        await self.ws.send_bytes(msgspec.msgpack.encode(message))

    async def receive(self) -> Message | None:
        """The next message; None once the server has closed."""
        frame = await self.ws.receive(timeout=LIMIT_S)
        if frame.type is not aiohttp.WSMsgType.BINARY:
            return None
        message: Message = msgspec.msgpack.decode(frame.data)
        return message

    async def until(self, kind: str) -> list[Message]:
        """Messages up to and with the first of type `kind`, or up to the end."""
        messages: list[Message] = []
        while message := await self.receive():
            messages.append(message)
            if message["type"] == kind:
                break
        return messages


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http, http.ws_connect(url, timeout=_CLOSE) as ws:
        yield Client(ws)


_CLOSE = aiohttp.ClientWSTimeout(ws_close=1.0)


def _below(pid: int) -> set[int]:
    found = {child for child in _processes() if _parent(child) == pid}
    return found.union(*map(_below, found))


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0  # it has ended meanwhile
