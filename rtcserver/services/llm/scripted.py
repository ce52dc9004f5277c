"""A chat model that recites its script, one word a token. For tests, demos and load runs."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from itertools import cycle

from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceError
from rtcserver.services.llm.base import ChatEvent, Finish, TextDelta, ToolCall

Reply = str | Sequence[ChatEvent | ServiceError]
"""Text to recite, or the very events to yield; an error among them is raised in its place."""


class ScriptedChat:
    """Answers request after request, from the first reply again after the last."""

    def __init__(
        self,
        replies: Sequence[Reply] | Callable[[ChatRequest], Reply],
        *,
        first_token_s: float = 0.2,
        per_token_s: float = 0.02,
    ) -> None:
        """`replies` in turn, or a function that answers each request."""
        self.requests: list[ChatRequest] = []
        self.aborted = 0
        """Streams that were closed before their end."""
        self._reply = replies if callable(replies) else _in_turn(replies)
        self._first_token_s, self._per_token_s = first_token_s, per_token_s

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        self.requests.append(request)
        wait_s = self._first_token_s
        try:
            for event in _events(self._reply(request)):
                await asyncio.sleep(wait_s)
                if isinstance(event, ServiceError):
                    raise event
                yield event
                wait_s = self._per_token_s
        except (GeneratorExit, asyncio.CancelledError):
            self.aborted += 1
            raise

    async def probe(self) -> float:
        return 0.0


def _in_turn(replies: Sequence[Reply]) -> Callable[[ChatRequest], Reply]:
    endless = cycle(replies)
    return lambda _request: next(endless)


def _events(reply: Reply) -> list[ChatEvent | ServiceError]:
    """With a Finish at the end, unless the script has its own or breaks."""
    if isinstance(reply, str):
        reply = [TextDelta(token) for token in re.findall(r"\s*\S+", reply)]
    events = list(reply)
    if not any(isinstance(event, Finish | ServiceError) for event in events):
        called = any(isinstance(event, ToolCall) for event in events)
        events.append(Finish("tool_calls" if called else "stop"))
    return events
