"""What a client still has to be told over its WebSocket: in order, and bounded."""

import asyncio
from contextlib import suppress

from aiohttp import web

from rtcserver.transports.inbox import Inbox

_MAX_EVENTS = 512  # 40 s of audio
_MAX_BYTES = 8 * 2**20
_SEND_TIMEOUT_S = 10.0
_FLUSH_TIMEOUT_S = 1.0


class Outbox:
    """Owns the one task that writes to the socket. A client that does not read loses its call:
    `stuck` is set and the inbox closed."""

    def __init__(self, ws: web.WebSocketResponse, inbox: Inbox) -> None:
        self.stuck = False
        self._ws, self._inbox = ws, inbox
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(_MAX_EVENTS)
        self._bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        self._writer = asyncio.create_task(self._write(), name="websocket writer")

    def put(self, text: str) -> None:
        """After the close it is ignored."""
        if self._inbox.closed:
            return
        # One event may be larger than the limit; a second one behind it may not.
        if self._queue.full() or (self._bytes and self._bytes + len(text) > _MAX_BYTES):
            self._give_up("too much is waiting for the client to read")
            return
        self._bytes += len(text)
        self._queue.put_nowait(text)
        if self._half_full():
            self._room.clear()

    async def room(self) -> None:
        """Wait while it is half full: a client that asks faster than it reads is heard later. What
        it did not ask for, such as audio, is put in all the same."""
        await self._room.wait()

    async def flush(self) -> None:
        """Let what is queued go out, if the client reads; nothing is written after it."""
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)
        await asyncio.wait({self._writer}, timeout=_FLUSH_TIMEOUT_S)

    async def close(self) -> None:
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    def _half_full(self) -> bool:
        return self._queue.qsize() > _MAX_EVENTS // 2 or self._bytes > _MAX_BYTES // 2

    def _give_up(self, reason: str) -> None:
        self.stuck = True
        self._room.set()
        self._inbox.close(reason)

    async def _write(self) -> None:
        try:
            while (text := await self._queue.get()) is not None:
                async with asyncio.timeout(_SEND_TIMEOUT_S):
                    await self._ws.send_str(text)
                self._bytes -= len(text)
                if not self._half_full():
                    self._room.set()
        except TimeoutError:
            self._give_up(f"the client did not read for {_SEND_TIMEOUT_S:.0f} s")
        except ConnectionError:
            self._inbox.close("the connection was lost")
        finally:
            self._room.set()
