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
from rtcserver.services.stt.flushes import Flushes
from rtcserver.services.vad.base import Vad
from rtcserver.timer import Stopwatch
from rtcserver.turns.hearing import Final, Hearing, Word

_WAITING = 64  # utterances; who waits for too long is dropped, so there are rarely more than 20
_HEARD = 1024  # words; who does not read for minutes loses the oldest
_CLOSE_LIMIT_S = 1.0
_LONGEST_S = 30.0  # an utterance's cost grows with its length, so it ends here


@dataclass(frozen=True, slots=True)
class _Utterance:
    number: int
    samples: Samples
    start_s: float
    watch: Stopwatch = field(default_factory=Stopwatch)


class OpenAiTranscriber:
    """An utterance that fails ends it: the session opens another ear then, maybe elsewhere."""

    def __init__(
        self,
        words_of: Callable[[Samples], AsyncGenerator[str, None]],
        vad: Vad,
        limit_s: float,
    ) -> None:
        """`words_of` has one utterance transcribed. It may take `limit_s`, and have waited for so
        long before it."""
        self._words_of, self._vad, self._limit_s = words_of, vad, limit_s
        self._gate = SpeechGate(_LONGEST_S)
        self._speech: list[Feed] = []
        self._waiting: asyncio.Queue[_Utterance] = asyncio.Queue(_WAITING)
        self._ended = self._done = 0  # utterances
        self._flushes = Flushes(answered=self._answered, late=lambda _: None)
        self._wanted: dict[int, int] = {}  # the last utterance before each flush
        self._heard: asyncio.Queue[Hearing | ServiceError | None] = asyncio.Queue(_HEARD)
        self._task = asyncio.create_task(self._live(), name="stt")
        self._task.add_done_callback(lambda _: put_newest(self._heard, None))

    async def send(self, frame: Samples) -> None:
        self._take(self._gate.push(frame, list(self._vad.push(frame))))

    async def flush(self, mark: int) -> None:
        """`Final(mark)` comes within `limit_s`, whatever becomes of the server."""
        self._take(self._gate.flush())
        self._wanted[mark] = self._ended
        self._flushes.ask(mark, self._limit_s)
        self._answer()

    async def events(self) -> AsyncGenerator[Hearing, None]:
        while (event := await self._heard.get()) is not None:
            if isinstance(event, ServiceError):
                raise event
            yield event
        if not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        self._task.cancel()
        self._flushes.close()
        await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)

    def _take(self, passed: list[Feed | End]) -> None:
        for part in passed:
            if isinstance(part, Feed):
                self._speech.append(part)
                continue
            samples = np.concatenate([feed.samples for feed in self._speech])
            self._ended += 1
            utterance = _Utterance(self._ended, samples, self._speech[0].start_s)
            self._speech.clear()
            if put_newest(self._waiting, utterance):
                metrics.AUDIO_DROPPED.labels("stt").inc()

    async def _live(self) -> None:
        try:
            while True:
                utterance = await self._waiting.get()
                if utterance.watch.elapsed() < self._limit_s:
                    await self._transcribe(utterance)
                else:  # its words would only make those after it later
                    metrics.AUDIO_DROPPED.labels("stt").inc()
                self._done = utterance.number
                self._answer()
        except ServiceError as error:
            self._flushes.answer_all()
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

    def _answer(self) -> None:
        """Those flushes for whose utterances no more words come."""
        for mark, number in list(self._wanted.items()):
            if number <= self._done:
                self._flushes.answer(mark)

    def _answered(self, mark: int) -> None:
        del self._wanted[mark]
        put_newest(self._heard, Final(mark))
