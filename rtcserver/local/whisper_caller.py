"""One caller of the Whisper model: orders come in, words go out as they become certain."""

import asyncio
import logging
import os

import numpy as np
from numpy.typing import NDArray

from rtcserver.local.stt_worker_wire import End, Feed, Heard, Hello, Unpacker, orders, pack
from rtcserver.local.whisper_guards import Hypothesis
from rtcserver.local.whisper_passes import Passes
from rtcserver.local.whisper_utterance import Utterance
from rtcserver.timer import Stopwatch

_CHUNK_BYTES = 32_000  # 1 s of audio
_ENDED = 8  # utterances that wait for their last pass; then no more is read
_SIGN_S = 2.0  # the other side gives up a decoder that is silent for 10 s

_log = logging.getLogger(__name__)


class Caller:
    """From its Hello to the end of the connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: Passes
    ) -> None:
        self._reader, self._writer, self._passes = reader, writer, passes
        self._ended: asyncio.Queue[tuple[int, Utterance]] = asyncio.Queue(_ENDED)
        self._unfinished = 0
        self._open: Utterance | None = None
        self._fed = asyncio.Event()
        self._taken = 0

    async def run(self) -> None:
        """Raises OSError if the other side vanishes, and what the model raises."""
        self._writer.write(pack(Hello(os.getpid())))
        async with asyncio.TaskGroup() as tasks:
            others = [tasks.create_task(self._finish_all()), tasks.create_task(self._guess_all())]
            try:
                await self._follow_orders()
            finally:
                for task in others:
                    task.cancel()

    async def _follow_orders(self) -> None:
        unpacker = Unpacker()
        while data := await self._reader.read(_CHUNK_BYTES):
            for body in unpacker.push(data):
                match orders.decode(body):
                    case Feed(pcm, start_s):
                        self._open = self._open or Utterance(start_s)
                        self._open.push(pcm)
                        self._taken += len(pcm)
                    case End(number):
                        utterance, self._open = self._open or Utterance(0.0), None
                        self._unfinished += 1
                        await self._ended.put((number, utterance))
            self._fed.set()
            self._tell()
            await self._writer.drain()

    async def _guess_all(self) -> None:
        """Hear the open utterance again and again, where nobody waits for the model."""
        while True:
            await self._fed.wait()
            self._fed.clear()
            utterance = self._open
            if utterance and utterance.wants_a_guess() and self._passes.have_room:
                await self._guess(utterance)

    async def _guess(self, utterance: Utterance) -> None:
        sound = utterance.sound()
        if sound is None:
            return
        watch = Stopwatch()
        found = await self._passes.hear(sound, final=False)
        if utterance is self._open:  # else its last pass is under way, or made
            utterance.guessed(found, sound, watch.elapsed())
            self._tell()

    async def _finish_all(self) -> None:
        while True:
            number, utterance = await self._ended.get()
            sound = utterance.sound()
            if sound is not None:
                found = await self._hear_in_the_end(sound)
                if why := utterance.finished(found, sound):
                    _log.info("made up by the model, left out: %s", why)
            self._unfinished -= 1
            self._writer.write(pack(Heard(utterance.words(), self._taken, number)))

    async def _hear_in_the_end(self, sound: NDArray[np.int16]) -> Hypothesis:
        """Gives signs of life, as long as the model is alive."""
        hearing = asyncio.create_task(self._passes.hear(sound, final=True))
        try:
            while not (await asyncio.wait({hearing}, timeout=_SIGN_S))[0]:
                if self._passes.alive:
                    self._tell()
            return hearing.result()
        finally:
            hearing.cancel()

    def _tell(self) -> None:
        """How far we are; no word before the last one of the utterance before it."""
        words = self._open.words() if self._open and not self._unfinished else []
        self._writer.write(pack(Heard(words, self._taken)))
