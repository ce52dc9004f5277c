"""Chat with any server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama, OpenAI…).

Raw aiohttp: the openai package takes ten times the CPU for each token.
https://platform.openai.com/docs/api-reference/chat/create
"""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import aiohttp
import msgspec

from rtcserver.config import Llm
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceError, ServiceFailed
from rtcserver.ids import NewId, random_id
from rtcserver.metrics import SERVICE_ACTIVE
from rtcserver.services.connect import connect, count_failure
from rtcserver.services.llm.acceptable import acceptable
from rtcserver.services.llm.base import ChatEvent
from rtcserver.services.llm.reply import Reply
from rtcserver.services.llm.speed import Speed
from rtcserver.services.openai_http import JSON, OpenAiHttp, read_to_the_end
from rtcserver.timer import Stopwatch

_OLD_LIMIT, _NEW_LIMIT = "max_tokens", "max_completion_tokens"
_USAGE_LIMIT_S = 0.5  # the usage follows the last word; nobody wants to wait for it


class OpenAiChat:
    def __init__(
        self, http: aiohttp.ClientSession, url: str, settings: Llm, *, new_id: NewId = random_id
    ) -> None:
        self._settings, self._new_id = settings, new_id
        self._server = OpenAiHttp(http, "llm", url, settings.api_key, settings.connect_timeout_s)
        self._limit = _OLD_LIMIT  # all know it, but for OpenAI's models that reason

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        speed, reply = Speed(), Reply(self._new_id)
        patience_s, watch = self._settings.first_byte_timeout_s, Stopwatch()
        answer = await connect("llm", partial(self._start, request), timeout_s=patience_s)
        patience_s -= watch.elapsed()
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
            await read_to_the_end(answer)
        except ServiceError as error:
            count_failure(error)
            raise
        finally:
            answer.close()  # the server stops generating when it is hung up on
            SERVICE_ACTIVE.labels("llm").dec()

    async def probe(self) -> float:
        return await self._server.check()

    async def _start(self, request: ChatRequest) -> aiohttp.ClientResponse:
        """Ask, and wait for the headers."""
        try:
            return await self._ask(request)
        except ServiceFailed as refused:
            if self._limit == _NEW_LIMIT or _NEW_LIMIT not in str(refused):
                raise
        self._limit = _NEW_LIMIT
        return await self._ask(request)

    async def _ask(self, request: ChatRequest) -> aiohttp.ClientResponse:
        """Some servers refuse `stream_options`."""
        body = await self._body(request)
        usage = {**body, "stream_options": {"include_usage": True}}
        return await self._server.ask(
            "/chat/completions",
            partial(msgspec.json.encode, body),
            JSON,
            fuller=partial(msgspec.json.encode, usage),
        )

    async def _body(self, request: ChatRequest) -> dict[str, Any]:
        optional = {
            "temperature": self._settings.temperature,
            self._limit: request.max_tokens,
            "reasoning_effort": request.reasoning_effort,
            "parallel_tool_calls": request.parallel_tool_calls,
            "tools": request.tools or None,
            "tool_choice": request.tool_choice if request.tools else None,
        }
        mapped = self._settings.model_map.get(request.model)
        return {
            "model": mapped or self._settings.model or await self._server.pick_model(),
            "messages": acceptable(request.messages),
            "stream": True,
            **{key: value for key, value in optional.items() if value is not None},
        }


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
