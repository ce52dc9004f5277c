"""Stream chat completions of so many tokens: `python -m loadtests.token_server --tokens 2000`."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator

from aiohttp import web

from rtcserver.timer import now

_HOST = "127.0.0.1"
_WORDS = ("Well", " then", ",", " the", " answer", " is", " forty", "-two", ".")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtests.token_server")
    parser.add_argument("--tokens", type=int, default=2000, help="of each reply")
    parser.add_argument("--tokens-per-s", type=float, default=0, help="0 is as fast as it can")
    args = parser.parse_args()
    asyncio.run(_serve(args.tokens, args.tokens_per_s))
    return 0


async def _serve(tokens: int, tokens_per_s: float) -> None:
    events = list(_events(tokens))

    async def complete(request: web.Request) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        began = now()
        for number, event in enumerate(events):
            due = began + number / tokens_per_s if tokens_per_s else 0.0
            await asyncio.sleep(max(0.0, due - now()))
            await response.write(event)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, _HOST, 0)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(f"listening on http://{_HOST}:{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _events(tokens: int) -> Iterator[bytes]:
    """As vLLM writes them, one for each token."""
    for number in range(tokens):
        yield _event({"content": _WORDS[number % len(_WORDS)]}, None)
    yield _event({}, "stop")
    yield b"data: [DONE]\n\n"


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-6b1f2c0e8d4a4b7f9c3d5e7a9b1c3d5e",
        "object": "chat.completion.chunk",
        "created": 1_764_000_000,
        "model": "meta-llama/Llama-3.2-3B-Instruct",
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


if __name__ == "__main__":
    sys.exit(main())
