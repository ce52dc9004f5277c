"""One WebSocket of a speech server: messages in, messages out, and the end of both."""

import asyncio
from collections.abc import AsyncIterator, Coroutine

from aiohttp import WSMsgType, web

from rtcserver.local.heartbeat import Heartbeat

_QUEUED = 64  # messages on their way out; whoever makes more waits
_SEND_LIMIT_S = 30.0  # a client that reads nothing for so long is gone
_CLOSE_LIMIT_S = 1.0


class Stream:
    """Any task may put; one task sends, one receives."""

    def __init__(self, heartbeat: Heartbeat, max_message_bytes: int) -> None:
        self._heartbeat = heartbeat
        self._ws = web.WebSocketResponse(
            timeout=_CLOSE_LIMIT_S, autoping=False, compress=False, max_msg_size=max_message_bytes
        )
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUED)

    async def open(self, request: web.Request) -> web.WebSocketResponse:
        """Upgrade the request; the answer is what its handler returns. Raises HTTPException."""
        try:
            await self._ws.prepare(request)
        except ConnectionError as exc:  # it waited in the backlog, and gave up
            raise web.HTTPRequestTimeout from exc
        return self._ws

    async def put(self, message: bytes) -> None:
        """Queue a message; waits while the client is slow."""
        await self._out.put(message)

    async def finish(self) -> None:
        """Nothing more will be put: send() ends once all is sent."""
        await self._out.put(None)

    async def send(self) -> None:
        """Send what is put, until finish(). Raises ConnectionError if the client is gone."""
        while (message := await self._out.get()) is not None:
            try:
                async with asyncio.timeout(_SEND_LIMIT_S):
                    await self._ws.send_bytes(message)
            except TimeoutError as exc:
                raise ConnectionAbortedError("the client does not read") from exc

    async def receive(self) -> AsyncIterator[bytes | str]:
        """Messages, until the client closes or is gone."""
        while True:
            message = await self._ws.receive()
            match message.type:
                case WSMsgType.BINARY | WSMsgType.TEXT:
                    self._heartbeat.saw_data()
                    yield message.data
                case WSMsgType.PING:
                    await self._ws.pong(message.data)
                case WSMsgType.PONG:
                    self._heartbeat.saw_pong()
                case _:
                    return

    async def until_lost(self) -> None:
        await self._heartbeat.until_lost(self._ws.ping)

    async def close(self, last: bytes | None = None) -> None:
        """Send `last` and close with code 1000; gives up after a second."""
        try:
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                if last is not None:
                    await self._ws.send_bytes(last)
                await self._ws.close()
        except (ConnectionError, TimeoutError):
            pass


async def until_first_ends(*jobs: Coroutine[None, None, None]) -> None:
    """Run jobs at once until one of them ends; cancel the others. Raises what the first raised.

    A client that goes away ends them too; that is no error.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
    except ExceptionGroup as failures:
        first = failures.exceptions[0]
        if not isinstance(first, ConnectionError):
            raise first from None
