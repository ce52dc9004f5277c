"""One WebSocket to a Kyutai speech server, from Ready to its slot being free again."""

import asyncio
from contextlib import suppress

import aiohttp
from pydantic import SecretStr
from yarl import URL

from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.services.kyutai_wire import Error, Ready, read_greeting
from rtcserver.services.service_socket import ServiceSocket, connected
from rtcserver.timer import Stopwatch

_LAST_S = 0.05  # a barge-in waits for it; who does not read is left without
_STALE_MESSAGES = 10  # of the slot's former user; they may come before Ready


class KyutaiSocket(ServiceSocket):
    def __init__(
        self, service: str, ws: aiohttp.ClientWebSocketResponse, last: bytes = b""
    ) -> None:
        """`last`: the message that has to end a stream of this kind, if there is one."""
        super().__init__(service, ws)
        self._last = last

    async def finish(self) -> None:
        """Send the last message, unless it was sent. Raises ServiceFailed."""
        last, self._last = self._last, b""
        if last:
            await self.send(last)

    async def receive(self) -> bytes | None:
        """The next binary message; text is nothing of the protocol."""
        while isinstance(message := await super().receive(), str):
            continue
        return message

    async def close(self) -> None:
        """Frees the slot, and finishes even a stream that is given up in the middle."""
        try:
            with suppress(ServiceFailed, TimeoutError):
                async with asyncio.timeout(_LAST_S):
                    await self.finish()
        finally:
            await super().close()


async def open_socket(
    http: aiohttp.ClientSession, service: str, url: URL, api_key: SecretStr, last: bytes = b""
) -> KyutaiSocket:
    """Connect and wait until Ready; `last` as for KyutaiSocket. Raises ServiceBusy or
    ServiceUnavailable.

    Has no time limit of its own; a slot taken by a cancelled call is given back."""
    opened = KyutaiSocket(service, await connected(http, service, url, auth(api_key)), last)
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
