"""Serve the demo agent as an OpenAI-compatible chat completions server.

`python -m rtcserver.local.agent_server --fd N [--first-token-ms 30 --tokens-per-s 50]`
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiohttp import web

from rtcserver import timer
from rtcserver.errors import ConfigError, ProtocolError
from rtcserver.ids import random_id
from rtcserver.local.agent.completion import Completion, Json, complete
from rtcserver.local.agent.engine import reply
from rtcserver.local.agent.request import MODEL, parse
from rtcserver.local.child import run_child

_MAX_BODY_BYTES = 4 * 2**20
_WRITE_TIMEOUT_S = 10.0  # a client that does not read its stream any more is dropped
_STATUS = {"model_not_found": 404}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the agent talks: like a real model, so that streaming is exercised."""

    first_token_ms: int
    tokens_per_s: float

    def due(self, start: float, index: int) -> float:
        """When token `index` leaves, on the clock of `start`; lateness never adds up."""
        return start + self.first_token_ms / 1000 + index / self.tokens_per_s


_PACE = web.AppKey("pace", Pace)


def main() -> None:
    parser = argparse.ArgumentParser(prog="agent_server", description="The built-in demo agent")
    parser.add_argument("--first-token-ms", type=int, default=30)
    parser.add_argument("--tokens-per-s", type=float, default=50.0)
    run_child(_make_app, parser)


async def _make_app(args: argparse.Namespace) -> web.Application:
    if args.first_token_ms < 0 or args.tokens_per_s <= 0:
        raise ConfigError("--first-token-ms must not be negative, --tokens-per-s must be above 0")
    return make_app(Pace(args.first_token_ms, args.tokens_per_s))


def make_app(pace: Pace) -> web.Application:
    """The server without a socket."""
    app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[_errors_as_json])
    app[_PACE] = pace
    app.router.add_get("/v1/models", _models)
    app.router.add_post("/v1/chat/completions", _chat)
    return app


async def _models(_: web.Request) -> web.Response:
    model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "rtcserver"}
    return web.json_response({"object": "list", "data": [model]})


async def _chat(request: web.Request) -> web.StreamResponse:
    start, pace = timer.now(), request.app[_PACE]
    chat = parse(await request.read())
    now = datetime.now().astimezone()
    answer = reply(chat.history(), chat.tool_names(), now)
    completion = complete(chat, answer, int(now.timestamp()), random_id)
    if not chat.stream:
        await _wait_until(pace.due(start, len(completion.pieces)))
        return web.json_response(completion.whole())
    return await _stream(request, completion, pace, start, with_usage=chat.with_usage)


async def _stream(
    request: web.Request, completion: Completion, pace: Pace, start: float, *, with_usage: bool
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    )
    try:
        await response.prepare(request)
        await _send(response, completion.opening())
        for index, chunk in enumerate(completion.deltas()):
            await _wait_until(pace.due(start, index))
            await _send(response, chunk)
        await _send(response, completion.closing())
        if with_usage:
            await _send(response, completion.totals())
        await _write(response, b"data: [DONE]\n\n")
    except (ConnectionResetError, TimeoutError):
        pass  # the client has left, or does not read: nobody wants the rest
    return response


async def _send(response: web.StreamResponse, chunk: Json) -> None:
    """Raises ConnectionResetError once the client has left."""
    await _write(response, b"data: " + msgspec.json.encode(chunk) + b"\n\n")


async def _write(response: web.StreamResponse, event: bytes) -> None:
    async with asyncio.timeout(_WRITE_TIMEOUT_S):
        await response.write(event)


async def _wait_until(due: float) -> None:
    await asyncio.sleep(max(0.0, due - timer.now()))


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ProtocolError as exc:
        status = _STATUS.get(exc.code, 400)
        return _error(status, str(exc), code=exc.code, param=exc.param)
    except web.HTTPException as exc:
        return _error(exc.status, exc.reason, code=None, param=None)


def _error(status: int, message: str, *, code: str | None, param: str | None) -> web.Response:
    """The error body of the OpenAI API."""
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
    return web.json_response({"error": error}, status=status)


if __name__ == "__main__":
    main()
