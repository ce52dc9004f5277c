"""What a token of a chat model costs in CPU, here and with the openai package: `make llm-cost`.

The server is a process of its own, so that only the client's work is counted.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

import aiohttp
import openai
from openai.types.chat import ChatCompletionUserMessageParam

from loadtests.own_server import own_server
from rtcserver.config import Llm
from rtcserver.conversation.context import ChatRequest
from rtcserver.services.llm.base import TextDelta
from rtcserver.services.llm.openai_chat import OpenAiChat

BUDGET_US = 25.0
_MODEL, _SAID = "benchmark", "Hello."
Client = Callable[[], Awaitable[int]]
"""Has one reply streamed; returns the tokens that said something."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of this process, in microseconds a token: the median of the rounds."""

    ours_us: float
    sdk_us: float

    def __str__(self) -> str:
        ratio = self.sdk_us / self.ours_us
        return f"ours {self.ours_us:.1f} µs, openai package {self.sdk_us:.1f} µs: {ratio:.1f} times"


def main() -> int:
    """0 if a token costs no more than its budget, 1 if it does."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.llm_cost", description=__doc__)
    parser.add_argument("--tokens", type=int, default=2000, help="of each reply")
    parser.add_argument("--rounds", type=int, default=7, help="replies to each client, in turn")
    args = parser.parse_args()
    cost = asyncio.run(measure(args.tokens, args.rounds, tokens_per_s=0))
    apart = asyncio.run(measure(args.tokens, max(1, args.rounds // 3), tokens_per_s=1000))
    kept = cost.ours_us <= BUDGET_US
    sys.stdout.write(
        f"CPU of a token, of {args.tokens}, the median of {args.rounds} replies\n"
        f"  as fast as they come  {cost}\n"
        f"  1000 a second         {apart}\n"
        f"  budget {BUDGET_US:g} µs: {'kept' if kept else 'NOT kept'}\n"
    )
    return 0 if kept else 1


async def measure(tokens: int, rounds: int, tokens_per_s: float) -> Cost:
    pace = ("--tokens", str(tokens), "--tokens-per-s", str(tokens_per_s))
    async with (
        own_server(("-m", "loadtests.token_server", *pace)) as url,
        aiohttp.ClientSession() as http,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="EMPTY") as sdk,
    ):
        clients = _ours(http, f"{url}/v1"), _sdk(sdk)
        for client in clients:
            await client()  # connections, caches
        ours, theirs = [], []
        for _ in range(rounds):  # in turn: what else the machine does meets both
            ours.append(await _cost_us(clients[0]))
            theirs.append(await _cost_us(clients[1]))
    return Cost(median(ours), median(theirs))


async def _cost_us(client: Client) -> float:
    began = time.process_time()
    tokens = await client()
    return (time.process_time() - began) / tokens * 1e6


def _ours(http: aiohttp.ClientSession, url: str) -> Client:
    chat = OpenAiChat(http, url, Llm(model=_MODEL))
    request = ChatRequest(({"role": "user", "content": _SAID},))

    async def reply() -> int:
        return sum([isinstance(event, TextDelta) async for event in chat.stream(request)])

    return reply


def _sdk(sdk: openai.AsyncOpenAI) -> Client:
    message: ChatCompletionUserMessageParam = {"role": "user", "content": _SAID}

    async def reply() -> int:
        stream = await sdk.chat.completions.create(model=_MODEL, messages=[message], stream=True)
        return sum([bool(chunk.choices[0].delta.content) async for chunk in stream])

    return reply


if __name__ == "__main__":
    sys.exit(main())
