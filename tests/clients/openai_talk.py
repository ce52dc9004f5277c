"""A call by OpenAI's own Python client, its threaded one and its asynchronous one used alike."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import numpy as np
from openai import AsyncOpenAI, OpenAI

from rtcserver.audio.format import Samples

LIMIT_S = 30.0

Talking = Callable[[str], AbstractAsyncContextManager["Talk"]]
"""Call the server at this URL."""


class Talk:
    """`connection` is the client's; `threaded` if its methods block."""

    def __init__(self, connection: Any, *, threaded: bool) -> None:
        self.connection, self._threaded = connection, threaded

    async def do(self, method: Callable[..., Any], **given: Any) -> Any:
        """Call a method of the client."""
        async with asyncio.timeout(LIMIT_S):
            if self._threaded:
                return await asyncio.to_thread(method, **given)
            return await method(**given)

    async def until(self, kind: str) -> list[Any]:
        """All events up to the next one of this type, which is the last."""
        events = [await self.do(self.connection.recv)]
        while events[-1].type != kind:
            assert events[-1].type != "error", events[-1]
            events.append(await self.do(self.connection.recv))
        return events

    async def write(self, text: str) -> None:
        """Say it by text, and ask for an answer."""
        part = {"type": "input_text", "text": text}
        item = {"type": "message", "role": "user", "content": [part]}
        await self.do(self.connection.conversation.item.create, item=item)
        await self.do(self.connection.response.create)


@asynccontextmanager
async def asynchronous(url: str, api_key: str = "unused") -> AsyncIterator[Talk]:
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key=api_key)
    async with client, client.realtime.connect(model="rtcserver") as connection:
        yield Talk(connection, threaded=False)


@asynccontextmanager
async def threaded(url: str) -> AsyncIterator[Talk]:
    with OpenAI(base_url=f"{url}/v1", api_key="unused") as client:
        calling = client.realtime.connect(model="rtcserver")
        connection = await asyncio.to_thread(calling.enter)
        try:
            yield Talk(connection, threaded=True)
        finally:
            await asyncio.to_thread(connection.close)


def said(events: list[Any]) -> str:
    (done,) = (e for e in events if e.type == "response.output_audio_transcript.done")
    return str(done.transcript)


def sound(events: list[Any]) -> Samples:
    """All audio of these events, in the default format."""
    deltas = [e.delta for e in events if e.type == "response.output_audio.delta"]
    return np.frombuffer(b"".join(map(base64.b64decode, deltas)), dtype="<i2").astype(np.int16)
