"""The way to the transcriber and back, for as long as the call lasts."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import structlog

from rtcserver import metrics
from rtcserver.audio.format import Samples
from rtcserver.errors import ServiceError, first_cause
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import backoff
from rtcserver.services.stt.base import Transcriber, TranscriberFactory
from rtcserver.timer import Stopwatch
from rtcserver.turns.hearing import Hearing, Step, Word

_QUEUED = 256  # frames and flushes: 20 s
_FIRST_RETRY_S = 0.1
_LAST_RETRY_S = 2.0
_STABLE_S = 5.0  # one that lasted this long was a good one: its loss is news
_ROOM_WITHIN_S = 1.0

log = structlog.get_logger(__name__)


class Ear:
    """Frames and flushes go in one queue, so that a flush never overtakes its audio."""

    def __init__(
        self,
        transcribers: TranscriberFactory,
        hear: Callable[[Hearing], None],
        fail: Callable[[ServiceError], None],
    ) -> None:
        """`fail` is called once for each stretch of time in which nobody listens."""
        self._transcribers, self._hear, self._fail = transcribers, hear, fail
        self._queue: asyncio.Queue[Samples | int] = asyncio.Queue(_QUEUED)
        self._connected = False

    def listen(self, frame: Samples) -> None:
        """One 80 ms frame, as it comes in real time; when full, the oldest goes."""
        metrics.FRAMES_IN.inc()
        if put_newest(self._queue, frame):
            metrics.AUDIO_DROPPED.labels("ear").inc()

    async def listen_all(self, frame: Samples) -> None:
        """A frame of audio that may come faster than real time, and waits for room."""
        try:
            async with asyncio.timeout(_ROOM_WITHIN_S if self._connected else 0):
                await self._queue.put(frame)
        except TimeoutError:
            self.listen(frame)
        else:
            metrics.FRAMES_IN.inc()

    def flush(self, mark: int) -> None:
        put_newest(self._queue, mark)

    async def run(self) -> None:
        """Until cancelled. A transcriber that is lost is replaced, without haste."""
        delays, told = backoff(_FIRST_RETRY_S, _LAST_RETRY_S), False
        while True:
            listened: Stopwatch | None = None  # the search for one may take long, too
            try:
                transcriber = await self._transcribers.open()
                listened = Stopwatch()
                await self._use(transcriber)
            except* ServiceError as errors:
                if listened is not None and listened.elapsed() > _STABLE_S:
                    delays, told = backoff(_FIRST_RETRY_S, _LAST_RETRY_S), False
                if not told:
                    log.warning("no transcriber", error=str(first_cause(errors)))
                    self._fail(first_cause(errors))
                told = True
            await asyncio.sleep(next(delays))

    async def _use(self, transcriber: Transcriber) -> None:
        """Until it is lost. Raises ServiceError."""
        self._connected = True
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._feed(transcriber), name="feed")
                await self._listen_back(transcriber)
                raise ServiceError("stt", "the stream of events has ended")
        finally:
            self._connected = False
            await transcriber.close()

    async def _listen_back(self, transcriber: Transcriber) -> None:
        async with aclosing(transcriber.events()) as events:
            async for heard in events:
                if isinstance(heard, Word):
                    metrics.STT_WORDS.inc()
                if not isinstance(heard, Step) or heard.pauses:
                    self._hear(heard)

    async def _feed(self, transcriber: Transcriber) -> None:
        while True:
            thing = await self._queue.get()
            if isinstance(thing, int):
                await transcriber.flush(thing)
            else:
                await transcriber.send(thing)
