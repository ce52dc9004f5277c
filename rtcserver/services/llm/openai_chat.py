"""Chat with any server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama, OpenAI…).

Raw aiohttp: the openai package takes ten times the CPU for each token.
https://platform.openai.com/docs/api-reference/chat/create
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
import msgspec

from rtcserver.config import Llm
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceBusy, ServiceError, ServiceFailed, ServiceUnavailable
from rtcserver.ids import NewId, random_id
from rtcserver.metrics import SERVICE_ACTIVE
from rtcserver.services.connect import connect, count_failure
from rtcserver.services.llm.acceptable import acceptable
from rtcserver.services.llm.base import ChatEvent
from rtcserver.services.llm.reply import UNREADABLE, Reply, error_message
from rtcserver.services.llm.speed import Speed
from rtcserver.timer import Stopwatch

_USAGE_LIMIT_S = 0.5  # the usage follows the last word; nobody wants to wait for it
_EOF_LIMIT_S = 0.05  # a body read to its end leaves the connection for the next request
_MAX_ERROR_BYTES = 4096


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: tuple[_Model, ...] | None = ()


class OpenAiChat:
    def __init__(
        self, http: aiohttp.ClientSession, url: str, settings: Llm, *, new_id: NewId = random_id
    ) -> None:
        self._http, self._settings, self._new_id = http, settings, new_id
        self._url = url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {settings.api_key.get_secret_value() or 'EMPTY'}",
            "Content-Type": "application/json",
        }
        self._picked = ""
        self._takes_stream_options = True

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        speed, reply = Speed(), Reply(self._new_id)
        patience_s = self._settings.first_byte_timeout_s
        answer = await connect(
            "llm", partial(self._start, request), timeout_s=patience_s, attempts=2
        )
        SERVICE_ACTIVE.labels("llm").inc()
        try:
            while not reply.done:
                data, waited_s = await _read(answer, reply, patience_s)
                if not data:
                    break
                chunks = reply.chunks
                for event in speed.of(reply.push(data)):
                    yield event
                progress = reply.chunks > chunks  # pings and comments are none
                patience_s = self._settings.token_timeout_s if progress else patience_s - waited_s
            for event in speed.to_the_end(reply.end()):
                yield event
            await _read_to_the_end(answer)
        except ServiceError as error:
            count_failure(error)
            raise
        finally:
            answer.close()  # the server stops generating when it is hung up on
            SERVICE_ACTIVE.labels("llm").dec()

    async def probe(self) -> float:
        watch = Stopwatch()
        await self._list_models()
        return watch.elapsed()

    async def _start(self, request: ChatRequest) -> aiohttp.ClientResponse:
        """Ask, and wait for the headers. Some servers refuse `stream_options`: then without."""
        body = await self._body(request)
        if self._takes_stream_options:
            answer = await self._post({**body, "stream_options": {"include_usage": True}})
            if answer.status not in (400, 422):
                return await self._accepted(answer)
            answer.close()
        answer = await self._accepted(await self._post(body))
        self._takes_stream_options = False
        return answer

    async def _post(self, body: dict[str, Any]) -> aiohttp.ClientResponse:
        try:
            return await self._http.post(
                f"{self._url}/chat/completions",
                data=msgspec.json.encode(body),
                headers=self._headers,
                timeout=self._timeout(),
            )
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceUnavailable("llm", f"cannot connect: {exc}") from exc

    async def _accepted(self, answer: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if answer.status == 200:
            return answer
        async with answer:
            if answer.status == 404:
                self._picked = ""  # it may serve another model by now
            raise _refusal(answer.status, await _reason(answer))

    async def _body(self, request: ChatRequest) -> dict[str, Any]:
        optional = {
            "temperature": self._settings.temperature,
            "max_tokens": request.max_tokens,
            "reasoning_effort": request.reasoning_effort,
            "parallel_tool_calls": request.parallel_tool_calls,
            "tools": request.tools or None,
            "tool_choice": request.tool_choice if request.tools else None,
        }
        mapped = self._settings.model_map.get(request.model)
        return {
            "model": mapped or self._settings.model or await self._pick(),
            "messages": acceptable(request.messages),
            "stream": True,
            **{key: value for key, value in optional.items() if value is not None},
        }

    async def _pick(self) -> str:
        """The only model there is; asked for once."""
        if not self._picked:
            names = await self._list_models()
            if len(names) != 1:
                some = ", ".join(names[:5]) or "none"
                raise ServiceUnavailable(
                    "llm", f"set llm.model: the server lists {len(names)} ({some})"
                )
            [self._picked] = names
        return self._picked

    async def _list_models(self) -> list[str]:
        """Raises ServiceUnavailable."""
        try:
            async with self._http.get(
                f"{self._url}/models", headers=self._headers, timeout=self._timeout(total=True)
            ) as answer:
                if answer.status != 200:
                    raise _refusal(answer.status, await _reason(answer))
                models = msgspec.json.decode(await answer.read(), type=_Models)
        except UNREADABLE as exc:
            raise ServiceUnavailable("llm", f"/models tells no models: {exc}") from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceUnavailable("llm", f"cannot connect: {str(exc) or 'timed out'}") from exc
        return [model.id for model in models.data or ()]

    def _timeout(self, *, total: bool = False) -> aiohttp.ClientTimeout:
        """Of connecting, or of the whole of a short request."""
        limit_s = self._settings.connect_timeout_s
        return aiohttp.ClientTimeout(total=limit_s if total else None, connect=limit_s)


async def _read(
    answer: aiohttp.ClientResponse, reply: Reply, patience_s: float
) -> tuple[bytes, float]:
    """The next bytes (none at the end) and the seconds waited. Raises ServiceFailed."""
    watch = Stopwatch()
    try:
        async with asyncio.timeout(_USAGE_LIMIT_S if reply.finished else patience_s):
            return await answer.content.readany(), watch.elapsed()
    except TimeoutError:
        if reply.finished:
            return b"", watch.elapsed()
        raise ServiceFailed("llm", "no token came in time") from None
    except (aiohttp.ClientError, OSError) as exc:
        raise ServiceFailed("llm", f"connection lost: {exc}") from exc


async def _read_to_the_end(answer: aiohttp.ClientResponse) -> None:
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(_EOF_LIMIT_S):
            await answer.content.readany()


async def _reason(answer: aiohttp.ClientResponse) -> str:
    """What the server says about its refusal."""
    body = b""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(_EOF_LIMIT_S):
            body = await answer.content.read(_MAX_ERROR_BYTES)
    try:
        return error_message(msgspec.json.decode(body))
    except UNREADABLE:
        return error_message(body.decode(errors="replace"))


def _refusal(status: int, reason: str) -> ServiceError:
    match status:
        case 401 | 403:
            return ServiceUnavailable("llm", f"wrong key ({status}), see llm.api_key: {reason}")
        case 404:
            return ServiceUnavailable(
                "llm", f"not there (404), see llm.url and llm.model: {reason}"
            )
        case 429 | 503:
            return ServiceBusy("llm", f"refuses us ({status}): {reason}")
        case _:
            return ServiceFailed("llm", f"failed ({status}): {reason}")
