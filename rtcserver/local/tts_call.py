"""One response of the synthesizer: words in; word times and frames out."""

import asyncio
import re
from concurrent.futures import Executor

from rtcserver.local import kyutai_wire as wire
from rtcserver.local.stream import Stream, until_first_ends
from rtcserver.local.tts_narrator import Narrated, Narrator
from rtcserver.text.clauses import ClauseCutter
from rtcserver.timer import now

_WORDS = 1_024  # queued; a client that is further ahead waits
_WORD = re.compile(r"\S{1,120}")  # what is longer is no word, and would hold up the others


class Response:
    """From Ready to the last frame, or until the client has gone."""

    def __init__(self, stream: Stream, narrator: Narrator, speaking: Executor) -> None:
        self._stream = stream
        self._narrator = narrator
        self._speaking = speaking
        self._words: asyncio.Queue[str | None] = asyncio.Queue(_WORDS)
        self._cutter = ClauseCutter()

    async def run(self) -> None:
        """Raises ProtocolError, ConnectionError, or RuntimeError if the engine cannot speak."""
        await self._stream.put(wire.READY)
        await until_first_ends(
            self._listen(), self._speak(), self._stream.send(), self._stream.until_lost()
        )

    async def _listen(self) -> None:
        async for data in self._stream.receive():
            message = wire.Text(data) if isinstance(data, str) else wire.read_spoken(data)
            match message:
                case wire.Text(text=text):
                    for word in _WORD.findall(text):
                        await self._words.put(word)
                case wire.Eos():
                    await self._words.put(None)

    async def _speak(self) -> None:
        """Speak each clause as soon as it is whole; send() ends the response after the last."""
        loop = asyncio.get_running_loop()
        word: str | None = ""
        while word is not None:
            try:
                async with asyncio.timeout(self._patience_s()):
                    word = await self._words.get()
            except TimeoutError:
                clause = self._cutter.due(now())
            else:
                clause = self._cutter.push(word, now()) if word else self._cutter.flush()
            if clause:
                spoken = loop.run_in_executor(self._speaking, self._narrator.speak, clause)
                await self._send(await spoken)
        await self._send(self._narrator.finish())
        await self._stream.finish()

    def _patience_s(self) -> float | None:
        deadline = self._cutter.deadline()
        return None if deadline is None else max(0.0, deadline - now())

    async def _send(self, narrated: Narrated) -> None:
        for word in narrated.words:
            await self._stream.put(wire.spoken(*word))
        for frame in narrated.frames:
            await self._stream.put(wire.audio(frame))
