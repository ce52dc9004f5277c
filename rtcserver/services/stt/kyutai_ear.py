"""One caller's ear at a Kyutai STT server; when the connection is lost it makes a new one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import structlog

from rtcserver import metrics
from rtcserver.audio.format import FRAME_TIME_SEC, Samples, silence
from rtcserver.errors import ServiceError, ServiceFailed
from rtcserver.services import kyutai_wire as wire
from rtcserver.services.bounded import put_newest
from rtcserver.services.connect import Jitter, backoff, count_failure
from rtcserver.services.kyutai_socket import KyutaiSocket
from rtcserver.services.stt.progress import Progress, Timeline
from rtcserver.timer import Stopwatch, now
from rtcserver.turns.hearing import Final, Hearing, Step, Word

_OUTGOING = 25  # 2 s of frames: older audio would only make the words later
_HEARD = 1024  # 80 s of Steps; who does not read for that long loses the oldest
_FINAL_LIMIT_S = 3.0  # as long as a turn waits by default; a busy recogniser is late, not deaf
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.1, 2.0
_STABLE_S = 5.0  # a connection that lasted this long was a good one: back-off starts afresh
_CLOSE_LIMIT_S = 1.0
_SILENT_FRAME = wire.pack_audio(silence())

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A connection that is ready, and how to flush it."""

    socket: KyutaiSocket
    echoes_markers: bool
    silence_frames: int
    progress: Progress = field(default_factory=Progress)
    deaf: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it has shown that it does not listen any more, though it is connected."""


@dataclass(frozen=True, slots=True)
class _Frame:
    number: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class _Flush:
    mark: int


@dataclass(frozen=True, slots=True)
class _Pending:
    watch: Stopwatch
    limit: asyncio.TimerHandle
    heard_before: int  # messages


class KyutaiTranscriber:
    def __init__(self, line: Line, reopen: Callable[[], Awaitable[Line]], jitter: Jitter) -> None:
        self._line, self._reopen = line, reopen
        self._delays = partial(backoff, _FIRST_DELAY_S, _LONGEST_DELAY_S, jitter)
        self._outgoing: asyncio.Queue[_Frame | _Flush] = asyncio.Queue(_OUTGOING)
        self._heard: asyncio.Queue[Hearing | None] = asyncio.Queue(_HEARD)
        self._pending: dict[int, _Pending] = {}
        self._timeline = Timeline()
        self._frames = 0
        self._messages = 0
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
        limit = asyncio.get_running_loop().call_later(_FINAL_LIMIT_S, self._give_up, mark)
        self._pending[mark] = _Pending(Stopwatch(), limit, self._messages)
        put_newest(self._outgoing, _Flush(mark))

    async def events(self) -> AsyncGenerator[Hearing, None]:
        while (event := await self._heard.get()) is not None:
            yield event
        if not self._task.cancelled():
            self._task.result()  # a bug of ours ends the call

    async def close(self) -> None:
        self._closed = True
        self._task.cancel()
        for pending in self._pending.values():
            pending.limit.cancel()
        try:
            await asyncio.wait({self._task}, timeout=_CLOSE_LIMIT_S)
        finally:  # a task that is cancelled before its first step closes nothing
            await self._line.socket.close()

    async def _live(self) -> None:
        delays = self._delays()
        while not self._closed:
            watch = Stopwatch()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._write(self._line), name="stt write")
                    tasks.create_task(self._read(self._line), name="stt read")
                    await self._line.deaf.wait()
                    raise ServiceFailed(
                        "stt", f"not a message in the {_FINAL_LIMIT_S:g} s of a flush"
                    )
            except* ServiceFailed as lost:
                _report(lost)
            finally:
                await self._line.socket.close()
            for mark in self._line.progress.unanswered():
                self._answer(mark)
            if watch.elapsed() > _STABLE_S:
                delays = self._delays()
            await self._reconnect(delays)

    async def _reconnect(self, delays: Iterator[float]) -> None:
        while not self._closed:
            await asyncio.sleep(next(delays))
            try:
                self._line = await self._reopen()
            except ServiceError:
                continue  # counted where it was raised
            self._timeline.restart()
            return

    async def _write(self, line: Line) -> None:
        while True:
            match await self._outgoing.get():
                case _Frame(number, samples):
                    self._timeline.note(line.progress.sent, number)
                    line.progress.frame_sent(now())
                    await line.socket.send(wire.pack_audio(samples))
                case _Flush(mark) if mark in self._pending:
                    line.progress.flush(mark, line.silence_frames)
                    if line.echoes_markers:
                        await line.socket.send(wire.pack_marker(mark))
                    # Even a Marker is echoed only after as much audio as the model lags behind.
                    for _ in range(line.silence_frames):
                        line.progress.silence_sent()
                        await line.socket.send(_SILENT_FRAME)

    async def _read(self, line: Line) -> None:
        while (raw := await line.socket.receive()) is not None:
            self._messages += 1
            try:
                message = wire.read_stt(raw)
            except ValueError as exc:
                raise ServiceFailed("stt", f"garbage: {exc}") from exc
            self._hear(line, message)
        raise ServiceFailed("stt", "the server hung up")

    def _hear(self, line: Line, message: wire.SttMessage | None) -> None:
        match message:
            case wire.Step(prs=pauses):
                _measure(line.progress)
                put_newest(self._heard, Step(pauses))
                if not line.echoes_markers:
                    for mark in line.progress.passed():
                        self._answer(mark)
            case wire.Word(text, start_s) if text.strip():  # a stream begins with an empty one
                put_newest(self._heard, Word(text.strip(), self._timeline.caller_s(start_s)))
            case wire.Marker(mark):
                self._answer(mark)
            case wire.Error(reason):
                raise ServiceFailed("stt", reason)

    def _give_up(self, mark: int) -> None:
        """Who is late says something meanwhile; who owes an answer and says nothing is deaf."""
        line, pending = self._line, self._pending[mark]
        owes = line.echoes_markers or line.progress.steps > 0
        if owes and mark in line.progress.unanswered() and self._messages == pending.heard_before:
            line.deaf.set()
        self._answer(mark)

    def _answer(self, mark: int) -> None:
        """Answer this flush, and those before it that can no longer be."""
        while mark in self._pending:
            first = next(iter(self._pending))
            pending = self._pending.pop(first)
            pending.limit.cancel()
            metrics.STT_FINAL_SECONDS.observe(pending.watch.elapsed())
            put_newest(self._heard, Final(first))


def _measure(progress: Progress) -> None:
    lag_s = progress.step(now())
    if lag_s is None:
        return
    metrics.STT_STEP_LAG_SECONDS.observe(lag_s)
    if progress.steps == 1:
        metrics.STT_FIRST_STEP_SECONDS.observe(lag_s)


def _report(lost: ExceptionGroup[ServiceFailed]) -> None:
    for failure in lost.exceptions:
        if isinstance(failure, ServiceFailed):
            count_failure(failure)
            _log.warning("connection lost", service=failure.service, reason=str(failure))
