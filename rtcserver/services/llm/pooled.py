"""A reply from whichever chat model begins one."""

from collections.abc import AsyncGenerator
from functools import partial

from rtcserver.conversation.context import ChatRequest
from rtcserver.services.llm.base import ChatEvent, ChatModel
from rtcserver.services.pool import Pool
from rtcserver.services.probing import probe

_Begun = tuple[AsyncGenerator[ChatEvent, None], ChatEvent | None]


class PooledChat:
    def __init__(self, pool: Pool[ChatModel]) -> None:
        self._pool = pool

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Another model is asked only as long as the first one has said nothing."""
        lease = await self._pool.lease(partial(_begin, request))
        events, first = lease.opened
        try:
            if first is not None:
                yield first
                async for event in events:
                    yield event
        finally:
            try:
                await events.aclose()
            finally:
                lease.give_back()

    async def probe(self) -> float:
        return await probe(self._pool)


async def _begin(request: ChatRequest, model: ChatModel) -> _Begun:
    """None is the first event of a reply without any."""
    events = model.stream(request)
    try:
        return events, await anext(events, None)
    except BaseException:
        await events.aclose()
        raise
