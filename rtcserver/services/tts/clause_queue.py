"""Words in, clauses out, the first of them in haste: see text/clauses.py."""

import asyncio
from collections.abc import AsyncGenerator

from rtcserver.text.clauses import Clause, ClauseCutter
from rtcserver.timer import now

_WORDS = 1024


class ClauseQueue:
    """Of one response."""

    def __init__(self) -> None:
        self._words: asyncio.Queue[str | None] = asyncio.Queue(_WORDS)
        self._cutter = ClauseCutter()

    async def put(self, word: str | None) -> None:
        """None is the end. Waits while it is full."""
        await self._words.put(word)

    async def clauses(self) -> AsyncGenerator[Clause, None]:
        """To the end, for a single consumer."""
        word: str | None = ""
        while word is not None:
            deadline = self._cutter.deadline()
            try:
                async with asyncio.timeout(None if deadline is None else deadline - now()):
                    word = await self._words.get()
            except TimeoutError:
                clause = self._cutter.due(now())
            else:
                clause = self._cutter.push(word, now()) if word else self._cutter.flush()
            if clause is not None:
                yield clause
