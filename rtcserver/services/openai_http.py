"""Ask a server that speaks OpenAI's HTTP: its key, its models, and its refusals.

https://platform.openai.com/docs/api-reference
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
import msgspec
from pydantic import SecretStr

from rtcserver.backends import Service
from rtcserver.errors import ServiceUnavailable
from rtcserver.services.http_body import read_at_most
from rtcserver.services.openai_refusals import UNREADABLE, reason_in, refusal
from rtcserver.timer import Stopwatch

JSON = {"Content-Type": "application/json"}
_EOF_LIMIT_S = 0.05  # a body read to its end leaves the connection for the next request
_MOST_BYTES = 2**20  # of a list of models
_MAX_ERROR_BYTES = 4096


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: tuple[_Model, ...] | None = ()


class OpenAiHttp:
    """One server, for one service."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        service: Service,
        url: str,
        api_key: SecretStr,
        connect_timeout_s: float,
    ) -> None:
        """`url` ends with /v1; before its scheme may stand "openai+"."""
        self._http, self._service = http, service
        self._url = url.removeprefix("openai+").rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key.get_secret_value() or 'EMPTY'}"}
        self._connect_timeout_s = connect_timeout_s
        self._picked = ""
        self._takes_extras = True

    async def ask(
        self,
        path: str,
        body: Callable[[], Any],
        headers: Mapping[str, str] | None = None,
        *,
        fuller: Callable[[], Any] | None = None,
    ) -> aiohttp.ClientResponse:
        """Ask, and wait for the headers of the answer, without a limit but that of connecting.

        `fuller` is the body with extras that some servers refuse: those get `body` from then on.
        Raises ServiceError."""
        if fuller is not None and self._takes_extras:
            answer = await self._post(path, fuller, headers)
            if answer.status not in (400, 422):
                return await self._accepted(answer)
            answer.close()
        answer = await self._accepted(await self._post(path, body, headers))
        self._takes_extras = self._takes_extras and fuller is None
        return answer

    async def pick_model(self) -> str:
        """The only model there is; asked for once. Raises ServiceError."""
        if not self._picked:
            names = await self.list_models()
            if len(names) != 1:
                some = ", ".join(names[:5]) or "none"
                raise ServiceUnavailable(
                    self._service,
                    f"set {self._service}.model: the server lists {len(names)} ({some})",
                )
            [self._picked] = names
        return self._picked

    async def list_models(self) -> list[str]:
        """Raises ServiceError."""
        status, body = await self._get_models()
        if status != 200:
            raise refusal(self._service, status, reason_in(body))
        try:
            models = msgspec.json.decode(body, type=_Models)
        except UNREADABLE as exc:
            raise ServiceUnavailable(self._service, f"/models tells no models: {exc}") from exc
        return [model.id for model in models.data or ()]

    async def check(self) -> float:
        """Seconds until it was there, let us in and was not full. Raises ServiceError."""
        watch = Stopwatch()
        status, body = await self._get_models()
        if status in (401, 403, 429) or status >= 500:  # many speech servers list no models
            raise refusal(self._service, status, reason_in(body))
        return watch.elapsed()

    async def _get_models(self) -> tuple[int, bytes]:
        try:
            async with self._http.get(
                f"{self._url}/models", headers=self._headers, timeout=self._timeout(total=True)
            ) as answer:
                return answer.status, await read_at_most(answer, _MOST_BYTES)
        except (aiohttp.ClientError, OSError) as exc:
            why = f"cannot connect: {str(exc) or 'timed out'}"
            raise ServiceUnavailable(self._service, why) from exc

    async def _post(
        self, path: str, body: Callable[[], Any], headers: Mapping[str, str] | None
    ) -> aiohttp.ClientResponse:
        ask = partial(
            self._http.post,
            f"{self._url}{path}",
            headers={**self._headers, **(headers or {})},
            timeout=self._timeout(),
        )
        try:
            try:
                return await ask(data=body())
            except aiohttp.ServerDisconnectedError:  # a kept connection may just have run out
                return await ask(data=body())
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceUnavailable(self._service, f"cannot connect: {exc}") from exc

    async def _accepted(self, answer: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if answer.status == 200:
            return answer
        async with answer:
            if answer.status == 404:
                self._picked = ""  # it may serve another model by now
            raise refusal(self._service, answer.status, await _reason(answer))

    def _timeout(self, *, total: bool = False) -> aiohttp.ClientTimeout:
        """Of connecting, or of the whole of a short request."""
        limit_s = self._connect_timeout_s
        return aiohttp.ClientTimeout(total=limit_s if total else None, connect=limit_s)


async def read_to_the_end(answer: aiohttp.ClientResponse) -> None:
    """Of a body that has nothing more to say."""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(_EOF_LIMIT_S):
            await answer.content.readany()


async def _reason(answer: aiohttp.ClientResponse) -> str:
    body = b""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(_EOF_LIMIT_S):
            body = await answer.content.read(_MAX_ERROR_BYTES)
    return reason_in(body)
