"""Have clips heard by threads, in the order and the batches that the line gives."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from rtcserver.local.engines.whisper import Clip
from rtcserver.local.whisper_guards import Hypothesis
from rtcserver.local.whisper_line import Line, Policy
from rtcserver.timer import now

# A model whose pass takes more than 3 s is not taken at all (whisper_pace.py), so one of 30 s has
# a machine that is busy beyond use, or hangs: from then on its callers get no sign of life.
_PASS_LIMIT_S = 30.0


class Hearer(Protocol):
    def hear(self, clips: list[Clip]) -> list[Hypothesis]: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    clip: Clip
    answer: asyncio.Future[Hypothesis]


class Passes:
    """One for all callers of a model."""

    def __init__(self, model: Hearer, policy: Policy) -> None:
        self._model = model
        self._line: Line[_Wish] = Line(policy)
        self._threads = ThreadPoolExecutor(policy.lanes, thread_name_prefix="whisper")
        self._timer: asyncio.TimerHandle | None = None
        self._begun: dict[asyncio.Task[None], float] = {}

    @property
    def have_room(self) -> bool:
        """Whether a guess would keep nobody waiting."""
        return self._line.has_room

    @property
    def alive(self) -> bool:
        """Whether waiting makes sense: no pass has been under way for more than 30 s."""
        oldest = min(self._begun.values(), default=now())
        return now() - oldest <= _PASS_LIMIT_S

    async def hear(self, clip: Clip, *, final: bool) -> Hypothesis:
        """Waits for its turn. Whoever is cancelled meanwhile leaves the line; a pass that has
        begun is made to its end."""
        wish = _Wish(clip, asyncio.get_running_loop().create_future())
        self._line.put(wish, now(), final=final)
        self._go_on()
        try:
            return await wish.answer
        except asyncio.CancelledError:
            self._line.leave(wish)
            raise

    def _go_on(self) -> None:
        """Begin the passes that are due, and come back when the next one is."""
        while batch := self._line.take(now()):
            task = asyncio.create_task(self._pass(batch), name="whisper pass")
            self._begun[task] = now()
            task.add_done_callback(self._begun.pop)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if (due := self._line.due()) is not None:
            self._timer = asyncio.get_running_loop().call_later(due - now(), self._go_on)

    async def _pass(self, batch: list[_Wish]) -> None:
        try:
            await self._hear_all(batch)
        finally:
            self._line.done()
            self._go_on()

    async def _hear_all(self, wishes: list[_Wish]) -> None:
        clips = [wish.clip for wish in wishes]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, self._model.hear, clips)
        except Exception as exc:
            for wish in wishes:
                if not wish.answer.done():
                    wish.answer.set_exception(exc)
            return
        for wish, hypothesis in zip(wishes, found, strict=True):
            if not wish.answer.done():
                wish.answer.set_result(hypothesis)
