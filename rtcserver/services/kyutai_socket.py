"""One WebSocket to a Kyutai speech server, from Ready to its slot being free again."""

import asyncio
import socket
from contextlib import suppress

import aiohttp
from pydantic import SecretStr
from yarl import URL

from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.metrics import SERVICE_ACTIVE
from rtcserver.services.kyutai_wire import Error, Ready, read_greeting
from rtcserver.timer import Stopwatch

_HEARTBEAT_S = 10.0
_SEND_LIMIT_S = 5.0
_GOODBYE_S = 0.05  # a barge-in waits for this; the slot is free without the peer's answer too
_MAX_MESSAGE_BYTES = 2**20
_STALE_MESSAGES = 10  # of the slot's former user; they may come before Ready
_NORMAL_CLOSE = (0, 1000, 1005)  # 0 and 1005: a Close frame without a code


class KyutaiSocket:
    """A slot we hold. Only one task may receive, and it has ended or is the one that closes."""

    def __init__(self, service: str, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._service, self._ws = service, ws
        self._raw = ws.get_extra_info("socket")
        self._closed = False
        SERVICE_ACTIVE.labels(service).inc()

    async def send(self, message: bytes) -> None:
        """Waits while the peer does not read, up to a limit. Raises ServiceFailed."""
        try:
            async with asyncio.timeout(_SEND_LIMIT_S):
                await self._ws.send_bytes(message)
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceFailed(self._service, f"connection lost: {str(exc) or 'stalled'}") from exc

    async def receive(self) -> bytes | None:
        """The next binary message; None once the server has closed in good order.

        Raises ServiceFailed if the connection is cut."""
        while True:
            message = await self._ws.receive()
            match message.type:
                case aiohttp.WSMsgType.BINARY:
                    return bytes(message.data)
                case aiohttp.WSMsgType.TEXT:
                    continue  # nothing of the protocol
                case aiohttp.WSMsgType.CLOSE if (message.data or 0) in _NORMAL_CLOSE:
                    return None
                case aiohttp.WSMsgType.CLOSE:
                    raise ServiceFailed(self._service, f"closed with code {message.data}")
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


async def open_socket(
    http: aiohttp.ClientSession, service: str, url: URL, api_key: SecretStr
) -> KyutaiSocket:
    """Connect and wait until Ready. Raises ServiceBusy or ServiceUnavailable.

    Has no time limit of its own; a slot taken by a cancelled call is given back."""
    try:
        ws = await http.ws_connect(
            url,
            headers=auth(api_key),
            heartbeat=_HEARTBEAT_S,
            max_msg_size=_MAX_MESSAGE_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE_S),
        )
    except aiohttp.WSServerHandshakeError as exc:
        raise _refusal(service, exc.status) from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise ServiceUnavailable(service, f"cannot connect: {exc}") from exc
    opened = KyutaiSocket(service, ws)
    try:
        await _until_ready(service, opened)
    except BaseException:
        await opened.close()
        raise
    return opened


def auth(api_key: SecretStr) -> dict[str, str]:
    return {"kyutai-api-key": api_key.get_secret_value()}


def endpoint(url: str, path: str, **query: str) -> URL:
    base = URL(url)
    return base.with_path(base.path.rstrip("/") + path).with_query(query)


def over_http(url: str, path: str) -> URL:
    """Beside the WebSocket, on the same server."""
    secure = URL(url).scheme in ("wss", "https")
    return endpoint(url, path).with_scheme("https" if secure else "http")


async def probe(http: aiohttp.ClientSession, service: str, url: str, timeout_s: float) -> float:
    """Seconds of one health check. Raises ServiceUnavailable."""
    watch = Stopwatch()
    try:
        async with (
            asyncio.timeout(timeout_s),
            http.get(over_http(url, "/api/build_info")) as answer,
        ):
            answer.raise_for_status()
    except (aiohttp.ClientError, OSError, ValueError) as exc:
        raise ServiceUnavailable(service, f"no health: {str(exc) or 'timed out'}") from exc
    return watch.elapsed()


def _refusal(service: str, status: int) -> ServiceBusy | ServiceUnavailable:
    if status in (429, 503):
        return ServiceBusy(service, f"refuses us ({status})")
    if status in (401, 403):
        return ServiceUnavailable(service, f"wrong key ({status}); see {service}.api_key")
    return ServiceUnavailable(service, f"answered {status} instead of a WebSocket")


async def _until_ready(service: str, opened: KyutaiSocket) -> None:
    for _ in range(_STALE_MESSAGES + 1):
        try:
            message = await opened.receive()
            parsed = None if message is None else read_greeting(message)
        except (ServiceFailed, ValueError) as exc:
            raise ServiceUnavailable(service, f"lost before it was ready: {exc}") from exc
        match parsed:
            case Ready():
                return
            case Error(message=reason) if "no free" in reason:
                raise ServiceBusy(service, reason)
            case Error(message=reason):
                raise ServiceUnavailable(service, reason)
        if message is None:
            raise ServiceUnavailable(service, "closed before it was ready")
    raise ServiceUnavailable(service, "talks, but does not become ready")
