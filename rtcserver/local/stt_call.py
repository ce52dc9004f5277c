"""One caller of the recogniser: frames in; steps, words and markers out."""

from collections import deque
from collections.abc import Iterator

from rtcserver.audio.format import Samples
from rtcserver.audio.framing import Framer
from rtcserver.audio.silero import SileroVad
from rtcserver.audio.speech_gate import End, Feed, SpeechGate
from rtcserver.errors import ProtocolError
from rtcserver.local import kyutai_wire as wire
from rtcserver.local.stream import Stream, until_first_ends
from rtcserver.local.stt_engines import Engine
from rtcserver.local.stt_link import DecoderLink
from rtcserver.local.stt_words import HeardWord, WordSieve

_MARKERS = 64  # waiting at once; who sends more does not listen to the answers


class Call:
    """From Ready to the end of the stream."""

    def __init__(
        self, stream: Stream, link: DecoderLink, engine: Engine, steps: Iterator[int]
    ) -> None:
        """`steps` numbers the frames of all callers, as Kyutai's server does."""
        self._stream = stream
        self._link = link
        self._steps = steps
        self._frames = Framer()
        self._vad = SileroVad()
        self._gate = SpeechGate(engine.longest_s)
        self._sieve = WordSieve(engine.held_s)
        self._markers: deque[tuple[int, int]] = deque()

    async def run(self) -> None:
        """Returns when the client is gone. Raises ProtocolError."""
        await self._stream.put(wire.READY)
        await until_first_ends(
            self._listen(), self._report(), self._stream.send(), self._stream.until_lost()
        )

    async def _listen(self) -> None:
        async for data in self._stream.receive():
            if isinstance(data, str):
                continue  # Kyutai's server ignores text too
            match wire.read_listened(data):
                case wire.Marker(id=number):
                    await self._mark(number)
                case wire.Init():
                    pass
                case samples:
                    for frame in self._frames.push(samples):
                        await self._take(frame)

    async def _take(self, frame: Samples) -> None:
        """A step is on its way before the frame is decoded: progress never waits for words."""
        passed = self._gate.push(frame, self._vad.push(frame))
        step = wire.step(next(self._steps), self._gate.pauses(), self._link.behind)
        await self._stream.put(step)
        self._pass_on(passed)

    async def _mark(self, number: int) -> None:
        if len(self._markers) >= _MARKERS:
            raise ProtocolError("too many markers at once", code="too_many_markers")
        self._pass_on(self._gate.flush())
        self._markers.append((self._link.ended, number))
        await self._answer_markers()

    def _pass_on(self, passed: list[Feed | End]) -> None:
        for item in passed:
            match item:
                case Feed(samples=samples, start_s=start_s):
                    self._link.feed(samples, start_s)
                case End():
                    self._link.end()

    async def _report(self) -> None:
        while True:
            heard = await self._link.receive()
            if heard is not None:
                final = heard.final is not None
                words = (self._sieve.final if final else self._sieve.partial)(heard.words)
                await self._say(words)
            await self._answer_markers()

    async def _say(self, words: list[HeardWord]) -> None:
        for word in words:
            await self._stream.put(wire.word(word.text, word.start_s))
            await self._stream.put(wire.end_word(word.stop_s))

    async def _answer_markers(self) -> None:
        """Echo the markers whose utterance is finished."""
        while self._markers and self._link.finished >= self._markers[0][0]:
            await self._stream.put(wire.marker(self._markers.popleft()[1]))
