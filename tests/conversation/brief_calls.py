"""Calls that end in the middle of an answer, over each transport.

`python -m tests.conversation.brief_calls webrtc|websocket URL` holds one until it is killed.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp

from tests.conversation.websocket_caller import websocket_call
from tests.loopback.caller import Caller

Answering = Callable[[], Awaitable[object]]
"""Awaited while the assistant speaks; then the caller hangs up."""

BriefCall = Callable[[str, Answering], Coroutine[Any, Any, None]]

_HEADERS = {"Content-Type": "application/sdp"}
_QUESTION: dict[str, Any] = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "Tell me a joke."}],
}


async def over_websocket(url: str, answering: Answering) -> None:
    async with websocket_call(url) as caller:
        await caller.tell("conversation.item.create", item=_QUESTION)
        await caller.tell("response.create")
        await caller.event("response.output_audio.delta")
        await answering()


async def over_webrtc(url: str, answering: Answering) -> None:
    async with Caller() as caller, aiohttp.ClientSession() as http:
        offer = await caller.offer()
        async with http.post(f"{url}/v1/realtime/calls", data=offer, headers=_HEADERS) as answer:
            assert answer.status == 201, await answer.text()
            await caller.connect(await answer.text())
        caller.say({"type": "conversation.item.create", "item": _QUESTION})
        caller.say({"type": "response.create"})
        await caller.event("output_audio_buffer.started")
        await answering()


BY_NAME: dict[str, BriefCall] = {"websocket": over_websocket, "webrtc": over_webrtc}


async def _never_ends() -> None:
    sys.stdout.write("calling\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(BY_NAME[sys.argv[1]](sys.argv[2], _never_ends))
