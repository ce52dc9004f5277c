"""Flushes that were asked for: each is answered once, by the server or by the clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from rtcserver import metrics
from rtcserver.timer import Stopwatch


@dataclass(slots=True)
class _Pending:
    watch: Stopwatch
    limit: asyncio.TimerHandle


class Flushes:
    def __init__(self, *, answered: Callable[[int], object], late: Callable[[int], object]) -> None:
        """`answered` is called with each mark, in order; before it `late`, if its time is up."""
        self._answered, self._late = answered, late
        self._pending: dict[int, _Pending] = {}

    def __contains__(self, mark: int) -> bool:
        return mark in self._pending

    def ask(self, mark: int, within_s: float) -> None:
        """It is late after `within_s`."""
        limit = asyncio.get_running_loop().call_later(within_s, self._give_up, mark)
        self._pending[mark] = _Pending(Stopwatch(), limit)

    def expect(self, mark: int, within_s: float) -> None:
        """The server will not answer: from now on this is the time that it takes."""
        if (pending := self._pending.get(mark)) is not None:
            pending.limit.cancel()
            loop = asyncio.get_running_loop()
            pending.limit = loop.call_later(within_s, self.answer, mark)

    def answer(self, mark: int) -> None:
        """This one, and those before it, which can no longer be."""
        while mark in self._pending:
            first = next(iter(self._pending))
            pending = self._pending.pop(first)
            pending.limit.cancel()
            metrics.STT_FINAL_SECONDS.observe(pending.watch.elapsed())
            self._answered(first)

    def answer_all(self) -> None:
        """Nothing more is to be heard."""
        for mark in list(self._pending):
            self.answer(mark)

    def close(self) -> None:
        """Nothing more is answered."""
        for pending in self._pending.values():
            pending.limit.cancel()
        self._pending.clear()

    def _give_up(self, mark: int) -> None:
        self._late(mark)
        self.answer(mark)
