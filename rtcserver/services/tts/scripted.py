"""A voice whose every word lasts equally long. For tests, demos and load runs."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples, seconds
from rtcserver.errors import ServiceError, ServiceFailed
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord

_QUEUE_WORDS = 1024  # say() waits beyond; a spoken reply has a few hundred


class ScriptedVoice:
    """All samples of word k (counted from 1) have the value k, so a test can tell what it hears."""

    def __init__(
        self,
        name: str,
        *,
        samples_per_word: int,
        first_audio_s: float,
        realtime_factor: float,
        break_after_words: int | None,
    ) -> None:
        self.name = name
        self.said: list[str] = []
        self.ended = False
        self.closed = False
        self._samples_per_word = samples_per_word
        self._first_audio_s, self._realtime_factor = first_audio_s, realtime_factor
        self._break_after_words = break_after_words
        self._words: asyncio.Queue[str | None] = asyncio.Queue(_QUEUE_WORDS)

    async def say(self, word: str) -> None:
        self.said.append(word)
        await self._words.put(word)

    async def end(self) -> None:
        self.ended = True
        await self._words.put(None)

    async def events(self) -> AsyncGenerator[Spoken, None]:
        spoken = 0
        while (word := await self._words.get()) is not None and not self.closed:
            if spoken == self._break_after_words:
                raise ServiceFailed("tts", "the script breaks here")
            if spoken == 0:
                await asyncio.sleep(self._first_audio_s)
            start = spoken * self._samples_per_word
            yield SpokenWord(word, seconds(start), seconds(start + self._samples_per_word))
            spoken += 1
            for chunk in _chunks(self._samples_per_word, spoken):
                await asyncio.sleep(seconds(len(chunk)) / self._realtime_factor)
                if self.closed:
                    return
                yield SpokenAudio(chunk)

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            if self._words.empty():
                self._words.put_nowait(None)  # wakes an events() that waits for a word


class ScriptedSynthesizer:
    """Opens one scripted voice per response."""

    def __init__(
        self,
        *,
        seconds_per_word: float = 0.3,
        first_audio_s: float = 0.2,
        realtime_factor: float = 4.0,
        break_after_words: int | None = None,
        refuse: ServiceError | None = None,
    ) -> None:
        """`break_after_words` makes events() raise ServiceFailed in the place of the next word;
        `refuse` is raised by open() and probe()."""
        self.voices: list[ScriptedVoice] = []
        self.refuse = refuse
        self.asked = 0
        """How often somebody wanted a voice, refused or not."""
        self._samples_per_word = round(seconds_per_word * SAMPLE_RATE)
        self._first_audio_s, self._realtime_factor = first_audio_s, realtime_factor
        self._break_after_words = break_after_words

    async def open(self, voice: str) -> ScriptedVoice:
        self.asked += 1
        await self.probe()
        opened = ScriptedVoice(
            voice,
            samples_per_word=self._samples_per_word,
            first_audio_s=self._first_audio_s,
            realtime_factor=self._realtime_factor,
            break_after_words=self._break_after_words,
        )
        self.voices.append(opened)
        return opened

    async def probe(self) -> float:
        if self.refuse is not None:
            raise self.refuse
        return 0.0


def _chunks(samples: int, value: int) -> list[Samples]:
    word = np.full(samples, value, dtype=np.int16)
    return [
        word[start : start + SAMPLES_PER_FRAME] for start in range(0, samples, SAMPLES_PER_FRAME)
    ]
