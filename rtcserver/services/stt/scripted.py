"""An ear that hears what its script says. For tests, demos and load runs."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from rtcserver.audio.format import Samples, seconds
from rtcserver.errors import ServiceError
from rtcserver.services.bounded import put_newest
from rtcserver.turns.hearing import NO_PAUSES, Final, Hearing, Pauses, Step, Word

_QUEUE_EVENTS = 1024  # 80 s of steps nobody reads


class ScriptedTranscriber:
    """Says each word once it has heard `start_s + delay_s` seconds of audio."""

    def __init__(
        self, words: Sequence[Word], *, delay_s: float, final_delay_s: float, pauses: Pauses
    ) -> None:
        self.heard_s = 0.0
        self.flushed: list[int] = []
        self.closed = False
        self._samples = 0
        self._words = deque(sorted(words, key=lambda word: word.start_s))
        self._delay_s, self._final_delay_s = delay_s, final_delay_s
        self._pauses = pauses
        self._out: asyncio.Queue[Hearing | None] = asyncio.Queue(_QUEUE_EVENTS)

    async def send(self, frame: Samples) -> None:
        self._samples += len(frame)
        self.heard_s = seconds(self._samples)
        self._put(Step(self._pauses))
        self._say_up_to(self.heard_s - self._delay_s)

    async def flush(self, mark: int) -> None:
        """Words held back by the model's delay, then `Final`, come after `final_delay_s`."""
        self.flushed.append(mark)
        asyncio.get_running_loop().call_later(self._final_delay_s, self._answer, mark, self.heard_s)

    async def events(self) -> AsyncGenerator[Hearing, None]:
        while (event := await self._out.get()) is not None:
            yield event

    async def close(self) -> None:
        if not self.closed:
            self._put(None)
        self.closed = True

    def _answer(self, mark: int, heard_s: float) -> None:
        self._say_up_to(heard_s)
        self._put(Final(mark))

    def _say_up_to(self, heard_s: float) -> None:
        while self._words and self._words[0].start_s <= heard_s:
            self._put(self._words.popleft())

    def _put(self, event: Hearing | None) -> None:
        if not self.closed:
            put_newest(self._out, event)


class ScriptedTranscribers:
    """Opens one scripted ear per call, each with the whole script."""

    def __init__(
        self,
        words: Sequence[Word] = (),
        *,
        delay_s: float = 0.0,
        final_delay_s: float = 0.1,
        pauses: Pauses = NO_PAUSES,
        refuse: ServiceError | None = None,
    ) -> None:
        """`words` keyed on seconds of audio heard; `pauses` come with every step; `refuse` is
        raised by open() and probe()."""
        self.opened: list[ScriptedTranscriber] = []
        self.refuse = refuse
        self._words, self._delay_s, self._final_delay_s = words, delay_s, final_delay_s
        self._pauses = pauses

    async def open(self) -> ScriptedTranscriber:
        await self.probe()
        ear = ScriptedTranscriber(
            self._words,
            delay_s=self._delay_s,
            final_delay_s=self._final_delay_s,
            pauses=self._pauses,
        )
        self.opened.append(ear)
        return ear

    async def probe(self) -> float:
        if self.refuse is not None:
            raise self.refuse
        return 0.0
