"""A WebSocket client that does what no library would: every byte by hand."""

import asyncio
import struct
from dataclasses import dataclass

from yarl import URL

LIMIT_S = 30.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload: bytes, opcode: int = TEXT, *, length: int | None = None) -> bytes:
    """Whole and final, masked with zeros (RFC 6455 5.2); `length` is what it says of itself."""
    size = len(payload) if length is None else length
    if size <= 125:
        return struct.pack("!BB4x", 0x80 | opcode, 0x80 | size) + payload
    return struct.pack("!BBQ4x", 0x80 | opcode, 0x80 | 127, size) + payload


@dataclass
class RawSocket:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))
        async with asyncio.timeout(LIMIT_S):
            await self.writer.drain()

    async def receive(self) -> tuple[int, bytes]:
        """Opcode and payload. Raises IncompleteReadError at the end of the stream."""
        async with asyncio.timeout(LIMIT_S):
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            return first & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int | None:
        """Reads to the end; None if there was no close frame."""
        try:
            while True:
                opcode, payload = await self.receive()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2])
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def abandon(self) -> None:
        """Gone without a word."""
        self.writer.transport.abort()


async def raw_websocket(url: URL, path: str) -> RawSocket:
    """Upgraded, and nothing read from it yet."""
    assert url.host
    reader, writer = await asyncio.open_connection(url.host, url.port, limit=1024)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
    )
    assert b"101" in await reader.readline()
    while await reader.readline() != b"\r\n":
        pass
    return RawSocket(reader, writer)
