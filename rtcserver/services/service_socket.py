"""One WebSocket to a speech service, from the handshake until it is surely gone."""

import asyncio
import socket
from collections.abc import Awaitable, Mapping
from contextlib import suppress

import aiohttp
from yarl import URL

from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.metrics import SERVICE_ACTIVE
from rtcserver.timer import Stopwatch

_HEARTBEAT_S = 10.0
_SEND_LIMIT_S = 5.0
_GOODBYE_S = 0.05  # a barge-in waits for this; the slot is free without the peer's answer too
_MAX_MESSAGE_BYTES = 2**20
_NORMAL_CLOSE = (0, 1000, 1005)  # 0 and 1005: a Close frame without a code


class ServiceSocket:
    """A slot we hold. Only one task may receive, and it has ended or is the one that closes."""

    def __init__(self, service: str, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._service, self._ws = service, ws
        self._raw = ws.get_extra_info("socket")
        self._closed = False
        SERVICE_ACTIVE.labels(service).inc()

    async def send(self, message: bytes) -> None:
        """A binary frame. Waits while the peer does not read, up to 5 s. Raises ServiceFailed."""
        await self._send(message, aiohttp.WSMsgType.BINARY)

    async def send_text(self, message: bytes) -> None:
        """A text frame of UTF-8, else like send()."""
        await self._send(message, aiohttp.WSMsgType.TEXT)

    async def receive(self) -> bytes | str | None:
        """The next message, str if it is text; None once the server has closed in good order.

        Raises ServiceFailed if the connection is cut."""
        message = await self._ws.receive()
        match message.type:
            case aiohttp.WSMsgType.BINARY:
                return bytes(message.data)
            case aiohttp.WSMsgType.TEXT:
                return str(message.data)
            case aiohttp.WSMsgType.CLOSE if (message.data or 0) in _NORMAL_CLOSE:
                return None
            case aiohttp.WSMsgType.CLOSE:
                why = f"closed with code {message.data} {message.extra or ''}".strip()
                raise ServiceFailed(self._service, why)
            case _:
                raise ServiceFailed(self._service, "connection lost")

    async def close(self) -> None:
        """Free the slot. Idempotent; whatever cancels it, no connection stays open."""
        if self._closed:
            return
        self._closed = True
        SERVICE_ACTIVE.labels(self._service).dec()
        try:
            with suppress(TimeoutError, aiohttp.ClientError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self._ws.close()
        finally:
            # A transport with unsent bytes lingers until the peer reads them: do not let it.
            with suppress(OSError):
                self._raw.shutdown(socket.SHUT_RDWR)

    async def _send(self, message: bytes, kind: aiohttp.WSMsgType) -> None:
        try:
            async with asyncio.timeout(_SEND_LIMIT_S):
                await self._ws.send_frame(message, kind)
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceFailed(self._service, f"connection lost: {str(exc) or 'stalled'}") from exc


async def connected(
    http: aiohttp.ClientSession, service: str, url: URL, headers: Mapping[str, str]
) -> aiohttp.ClientWebSocketResponse:
    """After the handshake, without a time limit. Raises ServiceBusy or ServiceUnavailable."""
    try:
        return await http.ws_connect(
            url,
            headers=headers,
            heartbeat=_HEARTBEAT_S,
            max_msg_size=_MAX_MESSAGE_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE_S),
        )
    except aiohttp.WSServerHandshakeError as exc:
        raise _refusal(service, exc.status) from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise ServiceUnavailable(service, f"cannot connect: {exc}") from exc


async def dial(
    http: aiohttp.ClientSession, service: str, url: URL, headers: Mapping[str, str]
) -> ServiceSocket:
    """A socket of a service that is ready after the handshake, else like connected()."""
    return ServiceSocket(service, await connected(http, service, url, headers))


async def time_to_dial(service: str, dialling: Awaitable[ServiceSocket], limit_s: float) -> float:
    """Seconds of a handshake, as a health check: it shows that key and model are right, and costs
    nothing. Raises ServiceError."""
    watch = Stopwatch()
    try:
        async with asyncio.timeout(limit_s):
            socket = await dialling
    except TimeoutError:
        raise ServiceUnavailable(service, "no handshake in time") from None
    await socket.close()
    return watch.elapsed()


def _refusal(service: str, status: int) -> ServiceBusy | ServiceUnavailable:
    if status in (429, 503):
        return ServiceBusy(service, f"refuses us ({status})")
    if status in (401, 403):
        return ServiceUnavailable(service, f"wrong key ({status}); see {service}.api_key")
    return ServiceUnavailable(service, f"answered {status} instead of a WebSocket")
