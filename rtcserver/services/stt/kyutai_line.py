"""One connection to a Kyutai STT server: frames and flushes out, what was heard back."""

import asyncio
import math
from dataclasses import dataclass

from rtcserver import metrics
from rtcserver.audio.format import FRAME_TIME_SEC, Samples, silence
from rtcserver.errors import ServiceFailed
from rtcserver.services import kyutai_wire as wire
from rtcserver.services.kyutai_socket import KyutaiSocket
from rtcserver.services.stt.pause_scores import PauseScores
from rtcserver.services.stt.progress import Progress
from rtcserver.timer import now
from rtcserver.turns.hearing import Final, Hearing, Step, Word

_SILENT_FRAME = wire.pack_audio(silence())


@dataclass(frozen=True, slots=True)
class FlushBy:
    """How this server is flushed: so many frames of silence push the last audio through its
    delay, and if it echoes Markers, one goes before them."""

    silence_frames: int
    marker: bool

    @property
    def without_answer_s(self) -> float:
        """Time after which even a model that runs no faster than real time has heard them."""
        return self.silence_frames * FRAME_TIME_SEC


def silence_frames(delay_s: float) -> int:
    """Frames that push the last audio through a model's delay: that long, and one to be sure."""
    return math.ceil(delay_s / FRAME_TIME_SEC) + 1


class Line:
    """Ready, and to be closed by whoever has it."""

    def __init__(self, socket: KyutaiSocket, flush_by: FlushBy) -> None:
        self.progress = Progress()
        self._socket, self._flush_by = socket, flush_by
        self._scores = PauseScores()
        self._waiting: asyncio.Timeout | None = None

    async def send(self, frame: Samples) -> None:
        """Raises ServiceFailed, as all of these do."""
        self.progress.frame_sent(now())
        await self._socket.send(wire.pack_audio(frame))

    async def send_silence(self) -> None:
        """A frame of it."""
        self.progress.frame_sent(now(), ours=True)
        await self._socket.send(_SILENT_FRAME)

    async def flush(self, mark: int) -> float | None:
        """Ask for the words of all that was sent; the seconds after which they must be there, if
        nothing will tell."""
        frames, by_marker = self._flush_by.silence_frames, self._flush_by.marker
        self.progress.flush(mark, frames, by_marker=by_marker)
        self._scores.silence_put_in(frames)
        if by_marker:
            await self._socket.send(wire.pack_marker(mark))
        for _ in range(frames):
            await self.send_silence()
        untold = not by_marker and self.progress.stepless(now())
        return self._flush_by.without_answer_s if untold else None

    async def hear(self) -> list[Hearing]:
        """What the next message brings; words in the recogniser's own time."""
        match await self._receive():
            case wire.Step() as step:
                return [self._step(step), *self._finals()]
            case wire.Word(text, start_s) if text.strip():  # a stream begins with an empty one
                return [Word(text.strip(), start_s)]
            case wire.Marker(mark):
                self.progress.echoed(mark)
                return self._finals()
            case wire.Error(reason):
                raise ServiceFailed("stt", reason)
        return []

    def waited_in_vain(self, mark: int) -> None:
        """Who is late with a flush says something meanwhile; who owes its answer and says nothing
        is deaf: then hear() raises ServiceFailed."""
        if self._waiting is not None and self.progress.owes_since(mark):
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def close(self) -> None:
        await self._socket.close()

    async def _receive(self) -> wire.SttMessage | None:
        try:
            async with asyncio.timeout(None) as self._waiting:
                raw = await self._socket.receive()
        except TimeoutError:
            raise ServiceFailed("stt", "says nothing, not even to a flush") from None
        finally:
            self._waiting = None
        if raw is None:
            raise ServiceFailed("stt", "the server hung up")
        self.progress.messages += 1
        try:
            return wire.read_stt(raw)
        except ValueError as exc:
            raise ServiceFailed("stt", f"garbage: {exc}") from exc

    def _step(self, step: wire.Step) -> Step:
        taken = self.progress.step(now(), step.buffered_pcm)
        if taken.lag_s is not None:
            metrics.STT_STEP_LAG_SECONDS.observe(taken.lag_s)
            if self.progress.steps == 1:
                metrics.STT_FIRST_STEP_SECONDS.observe(taken.lag_s)
        return Step(self._scores.read(step.prs, ours=taken.ours))

    def _finals(self) -> list[Hearing]:
        return [Final(mark) for mark in self.progress.passed()]
