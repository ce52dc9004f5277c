"""One caller's ear at a Kyutai STT server; its connections come and go."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from rtcserver import metrics
from rtcserver.audio.format import FRAME_TIME_SEC, Samples
from rtcserver.errors import ServiceError, ServiceFailed
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import Jitter, backoff, count_failure
from rtcserver.services.stt.flushes import Flushes
from rtcserver.services.stt.kyutai_line import Line
from rtcserver.services.stt.rotation import Rotation
from rtcserver.services.stt.timeline import Timeline
from rtcserver.timer import Stopwatch, now
from rtcserver.turns.hearing import Final, Hearing, Word

_OUTGOING = 25  # 2 s of frames: older audio would only make the words later
_HEARD = 1024  # 80 s of Steps; who does not read for that long loses the oldest
_FINAL_LIMIT_S = 3.0  # as long as a turn waits by default; a busy recogniser is late, not deaf
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.1, 2.0
_TRIES = 3  # to connect again, before the call looks for another instance
_STABLE_S = 5.0  # a connection that lasted this long was a good one: back-off starts afresh
_CLOSE_LIMIT_S = 1.0
# Frames wait in our queue while connections change, so that stays below its 2 s.
_CHANGE_LIMIT_S, _REDIAL_LIMIT_S = 1.8, 1.0
_DRAIN = -1  # the mark of our own last flush of a connection

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bears:
    """What a moshi-server takes of one connection."""

    frames: int = 40_960
    """max_seq_len of its models: beyond it they have no positions, and one caller's mistake ends
    the model's loop for all."""
    quiet_s: float = 120.0
    """Without audio for so long it hangs up; pongs do not count."""


BEARS = Bears()


@dataclass(frozen=True, slots=True)
class _Frame:
    number: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class _Flush:
    mark: int


class KyutaiTranscriber:
    def __init__(
        self,
        line: Line,
        reopen: Callable[[], Awaitable[Line]],
        jitter: Jitter,
        bears: Bears,
    ) -> None:
        self._line, self._reopen, self._bears = line, reopen, bears
        self._delays = partial(backoff, _FIRST_DELAY_S, _LONGEST_DELAY_S, jitter)
        self._outgoing: asyncio.Queue[_Frame | _Flush] = asyncio.Queue(_OUTGOING)
        self._heard: asyncio.Queue[Hearing | ServiceError | None] = asyncio.Queue(_HEARD)
        self._flushes = Flushes(
            answered=lambda mark: put_newest(self._heard, Final(mark)),
            late=lambda mark: self._line.waited_in_vain(mark),
        )
        self._timeline = Timeline()
        self._frames = 0
        self._drained = asyncio.Event()
        self._closed = False
        self._task = asyncio.create_task(self._live(), name="stt")
        self._task.add_done_callback(lambda _: put_newest(self._heard, None))

    async def send(self, frame: Samples) -> None:
        numbered = _Frame(self._frames, frame)
        self._frames += 1
        try:
            async with asyncio.timeout(FRAME_TIME_SEC):
                await self._outgoing.put(numbered)
        except TimeoutError:
            put_newest(self._outgoing, numbered)
            metrics.AUDIO_DROPPED.labels("stt").inc()

    async def flush(self, mark: int) -> None:
        """`Final(mark)` comes within 3 s, whatever becomes of the server."""
        self._flushes.ask(mark, _FINAL_LIMIT_S)
        put_newest(self._outgoing, _Flush(mark))

    async def events(self) -> AsyncGenerator[Hearing, None]:
        while (event := await self._heard.get()) is not None:
            if isinstance(event, ServiceError):
                raise event
            yield event
        if not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        self._closed = True
        self._task.cancel()
        self._flushes.close()
        try:
            await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)
        finally:  # a task that is cancelled before its first step closes nothing
            await self._line.close()

    def backlog_s(self) -> float:
        """How far the server is behind with what this ear has sent it."""
        return 0.0 if self._closed else self._line.progress.backlog_s(now())

    async def _live(self) -> None:
        delays = self._delays()
        while not self._closed:
            watch, line = Stopwatch(), self._line
            await self._use(line)
            if self._line is line:
                delays = self._delays() if watch.elapsed() > _STABLE_S else delays
                try:
                    await self._reconnect(delays)
                except ServiceError as error:
                    put_newest(self._heard, error)
                    return
            self._timeline.restart()

    async def _use(self, line: Line) -> None:
        """Until it is lost, or left for another one, which is self._line then."""
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(line), name="stt read")
                await self._write(line)
                reading.cancel()
        except* ServiceFailed as lost:
            _report(lost)
        finally:
            await line.close()
        for mark in line.progress.unanswered():
            self._flushes.answer(mark)

    async def _reconnect(self, delays: Iterator[float]) -> None:
        """Raises the ServiceError of the last attempt: another instance may do better."""
        for tries_left in reversed(range(_TRIES)):
            await asyncio.sleep(next(delays))
            try:
                self._line = await self._reopen()
            except ServiceError:  # counted where it was raised
                if not tries_left:
                    raise
            else:
                return

    async def _write(self, line: Line) -> None:
        """Until it has to be left. Raises ServiceFailed."""
        rotation = Rotation(self._bears.frames)
        while True:
            await self._write_one(line, rotation)
            if rotation.due(line.progress.sent):
                if await self._change_over(line) or rotation.urgent(line.progress.sent):
                    return
                rotation.postpone(line.progress.sent)

    async def _write_one(self, line: Line, rotation: Rotation) -> None:
        try:
            async with asyncio.timeout(self._bears.quiet_s / 4):
                outgoing = await self._outgoing.get()
        except TimeoutError:
            await line.send_silence()
            return
        match outgoing:
            case _Frame(number, samples):
                self._timeline.note(line.progress.sent, number)
                rotation.heard(samples)
                await line.send(samples)
            case _Flush(mark) if mark in self._flushes:
                rotation.paused()
                if (limit_s := await line.flush(mark)) is not None:
                    self._flushes.expect(mark, limit_s)

    async def _change_over(self, line: Line) -> bool:
        """To a new connection, if one is to be had, once all words of `line` are there."""
        self._drained.clear()
        await line.flush(_DRAIN)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CHANGE_LIMIT_S):
                with suppress(ServiceError, TimeoutError):
                    async with asyncio.timeout(_REDIAL_LIMIT_S):
                        self._line = await self._reopen()
                await self._drained.wait()
        return self._line is not line

    async def _read(self, line: Line) -> None:
        """Raises ServiceFailed, however it ends."""
        while True:
            for heard in await line.hear():
                match heard:
                    case Final(mark=mark) if mark == _DRAIN:
                        self._drained.set()
                    case Final(mark=mark):
                        self._flushes.answer(mark)
                    case Word(start_s=start_s):
                        word = replace(heard, start_s=self._timeline.caller_s(start_s))
                        put_newest(self._heard, word)
                    case _:
                        put_newest(self._heard, heard)


def _report(lost: ExceptionGroup[ServiceFailed]) -> None:
    for failure in lost.exceptions:
        if isinstance(failure, ServiceFailed):
            count_failure(failure)
            _log.warning("connection lost", service=failure.service, reason=str(failure))
