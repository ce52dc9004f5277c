"""One caller's ear at a server that transcribes files: utterances are cut out and sent, in turn."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import numpy as np

from rtcserver import metrics
from rtcserver.audio.format import Samples
from rtcserver.audio.speech_gate import End, Feed, SpeechGate
from rtcserver.errors import ServiceError, ServiceUnavailable
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import count_failure
from rtcserver.services.vad.base import Vad
from rtcserver.timer import Stopwatch
from rtcserver.turns.hearing import Final, Hearing, Word

_WAITING = 64  # utterances and flushes; each has its time limit, so they cannot pile up
_HEARD = 1024  # words; who does not read for minutes loses the oldest
_CLOSE_LIMIT_S = 1.0
_LONGEST_S = 30.0  # an utterance's cost grows with its length, so it ends here


@dataclass(frozen=True, slots=True)
class _Utterance:
    samples: Samples
    start_s: float


@dataclass(frozen=True, slots=True)
class _Flush:
    mark: int
    watch: Stopwatch = field(default_factory=Stopwatch)


class OpenAiTranscriber:
    """An utterance that fails ends it: the session opens another ear then, maybe elsewhere."""

    def __init__(
        self,
        words_of: Callable[[Samples], AsyncGenerator[str, None]],
        vad: Vad,
        limit_s: float,
    ) -> None:
        """`words_of` has one utterance transcribed, which may take `limit_s`."""
        self._words_of, self._vad, self._limit_s = words_of, vad, limit_s
        self._gate = SpeechGate(_LONGEST_S)
        self._speech: list[Feed] = []
        self._waiting: asyncio.Queue[_Utterance | _Flush] = asyncio.Queue(_WAITING)
        self._heard: asyncio.Queue[Hearing | ServiceError | None] = asyncio.Queue(_HEARD)
        self._task = asyncio.create_task(self._live(), name="stt")
        self._task.add_done_callback(lambda _: put_newest(self._heard, None))

    async def send(self, frame: Samples) -> None:
        self._take(self._gate.push(frame, list(self._vad.push(frame))))

    async def flush(self, mark: int) -> None:
        self._take(self._gate.flush())
        put_newest(self._waiting, _Flush(mark))

    async def events(self) -> AsyncGenerator[Hearing, None]:
        while (event := await self._heard.get()) is not None:
            if isinstance(event, ServiceError):
                raise event
            yield event
        if not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)

    def _take(self, passed: list[Feed | End]) -> None:
        for part in passed:
            if isinstance(part, Feed):
                self._speech.append(part)
                continue
            samples = np.concatenate([feed.samples for feed in self._speech])
            utterance = _Utterance(samples, self._speech[0].start_s)
            self._speech.clear()
            if put_newest(self._waiting, utterance):
                metrics.AUDIO_DROPPED.labels("stt").inc()

    async def _live(self) -> None:
        try:
            while True:
                match await self._waiting.get():
                    case _Utterance() as utterance:
                        await self._transcribe(utterance)
                    case _Flush() as flush:
                        self._answer(flush)
        except ServiceError as error:
            self._answer_all()
            put_newest(self._heard, error)

    async def _transcribe(self, utterance: _Utterance) -> None:
        try:
            async with (
                asyncio.timeout(self._limit_s),
                aclosing(self._words_of(utterance.samples)) as words,
            ):
                async for word in words:
                    put_newest(self._heard, Word(word, utterance.start_s))
        except TimeoutError:
            why = f"no transcript within {self._limit_s:g} s"
            late = ServiceUnavailable("stt", why)
            count_failure(late)
            raise late from None

    def _answer(self, flush: _Flush) -> None:
        metrics.STT_FINAL_SECONDS.observe(flush.watch.elapsed())
        put_newest(self._heard, Final(flush.mark))

    def _answer_all(self) -> None:
        """Nobody shall wait for words that do not come."""
        while not self._waiting.empty():
            if isinstance(waiting := self._waiting.get_nowait(), _Flush):
                self._answer(waiting)
