"""Use each service as a call would: ask, let the voice read a sentence, have it written down.

Each step raises ServiceError, and waits no longer than a call would or `_LIMIT_S`.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, Samples, seconds
from rtcserver.audio.framing import Framer
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceError, ServiceFailed, first_cause
from rtcserver.server.finding import Finding, Verdict
from rtcserver.services.llm.base import ChatModel, TextDelta
from rtcserver.services.stt.base import Transcriber, TranscriberFactory
from rtcserver.services.tts.base import SpokenAudio, Synthesizer, Voice
from rtcserver.text.edits import edits
from rtcserver.timer import Stopwatch
from rtcserver.turns.hearing import Final, Word

SENTENCE = "Hello there. Please open the window in the kitchen."
_LIMIT_S = 20.0
_MOST_ERRORS = 0.2  # of all words: more, and a caller would notice
_BEFORE, _AFTER = (np.zeros(round(part * SAMPLE_RATE), np.int16) for part in (0.5, 1.0))
_MARK = 1


async def ask(chat: ChatModel) -> AsyncIterator[Finding]:
    """The time to the first token of an answer, and to its last."""
    watch, first_s = Stopwatch(), None
    request = ChatRequest(({"role": "user", "content": "Say hello in one word."},), max_tokens=32)
    async with _step("llm"), aclosing(chat.stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta) and first_s is None:
                first_s = watch.elapsed()
    if first_s is None:
        raise ServiceFailed("llm", "answered without a word")
    detail = f"first token after {_ms(first_s)}, the whole answer after {_ms(watch.elapsed())}"
    yield Finding("llm", Verdict.GOOD, detail)


async def read_aloud(
    synthesizer: Synthesizer, transcribers: TranscriberFactory, voice: str
) -> AsyncIterator[Finding]:
    """How the voice speaks the sentence, and what the transcriber makes of it."""
    finding, sound = await _spoken(synthesizer, voice)
    yield finding
    finding, understood = await _heard(transcribers, sound)
    yield finding
    yield compare(understood)


async def _spoken(synthesizer: Synthesizer, voice_name: str) -> tuple[Finding, Samples]:
    watch = Stopwatch()
    async with _step("tts"):
        voice = await synthesizer.open(voice_name)
        try:
            opened_s, watch = watch.elapsed(), Stopwatch()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_dictate(voice), name="dictate")
                first_s, chunks = await _record(voice, watch)
        finally:
            await voice.close()
    sound = np.concatenate(chunks) if chunks else np.zeros(0, np.int16)
    if not sound.any():
        raise ServiceFailed("tts", "gave no sound")
    speed = seconds(len(sound)) / watch.elapsed()
    first = f"first audio after {_ms(first_s)}"
    detail = f"ready after {_ms(opened_s)}, {first}, {speed:.1f}× real time"
    return Finding("tts", Verdict.GOOD if speed > 1 else Verdict.POOR, detail), sound


async def _heard(transcribers: TranscriberFactory, sound: Samples) -> tuple[Finding, str]:
    watch = Stopwatch()
    async with _step("stt"):
        ear = await transcribers.open()
        try:
            opened_s, watch = watch.elapsed(), Stopwatch()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_play(ear, sound), name="play")
                words = await _listen(ear)
        finally:
            await ear.close()
    length_s = seconds(len(sound) + len(_BEFORE) + len(_AFTER))
    speed = f"{length_s:.1f} s of sound took {_ms(watch.elapsed())}"
    found = Finding("stt", Verdict.GOOD, f"ready after {_ms(opened_s)}, {speed}")
    return found, " ".join(words)


def compare(understood: str) -> Finding:
    """The word error rate of the way from the voice to the transcriber."""
    wanted, got = _bare(SENTENCE), _bare(understood)
    rate = edits(wanted, got) / len(wanted)
    verdict = Verdict.GOOD if rate <= _MOST_ERRORS else Verdict.POOR
    detail = f"{rate:.0%} of {len(wanted)} words wrong"
    return Finding("round trip", verdict, detail + f": “{' '.join(got)}”" * bool(rate))


def _bare(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


def _ms(duration_s: float) -> str:
    return f"{duration_s * 1000:.0f} ms"


async def _dictate(voice: Voice) -> None:
    for word in SENTENCE.split():
        await voice.say(word)
    await voice.end()


async def _record(voice: Voice, watch: Stopwatch) -> tuple[float, list[Samples]]:
    """Seconds to the first samples, and all of them."""
    first_s, chunks = 0.0, list[Samples]()
    async with aclosing(voice.events()) as events:
        async for event in events:
            if isinstance(event, SpokenAudio):
                first_s = first_s or watch.elapsed()
                chunks.append(event.samples)
    return first_s, chunks


async def _play(ear: Transcriber, sound: Samples) -> None:
    framer = Framer()
    frames = framer.push(np.concatenate((_BEFORE, sound, _AFTER)))
    for frame in frames:
        await ear.send(frame)
    if (rest := framer.pad()) is not None:
        await ear.send(rest)
    await ear.flush(_MARK)


async def _listen(ear: Transcriber) -> list[str]:
    words = list[str]()
    async with aclosing(ear.events()) as events:
        async for heard in events:
            if heard == Final(_MARK):
                return words
            if isinstance(heard, Word):
                words.append(heard.text)
    raise ServiceFailed("stt", "hung up before the end")


@asynccontextmanager
async def _step(service: str) -> AsyncIterator[None]:
    """Ends in time, and with the one error that says why. Raises ServiceError."""
    try:
        async with asyncio.timeout(_LIMIT_S):
            yield
    except* ServiceError as errors:
        raise first_cause(errors) from None
    except* TimeoutError:
        raise ServiceFailed(service, f"not done after {_LIMIT_S:g} s") from None
