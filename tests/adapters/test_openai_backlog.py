"""How far an ear may fall behind a server that transcribes files more slowly than people speak."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from rtcserver.audio.format import FRAME_TIME_SEC, Samples, silence
from rtcserver.services.stt.openai_ear import OpenAiTranscriber
from rtcserver.services.vad.scripted import ScriptedVad
from rtcserver.timer import now
from rtcserver.turns.hearing import Final, Word
from tests.adapters.stubs.leaks import counted
from tests.virtual_time import run

LIMIT_S = 10.0
EVERY = 37  # frames
EVERY_S, SPEECH_S = EVERY * FRAME_TIME_SEC, 1.0

Told = list[tuple[float, Word | Final]]


async def call(
    utterances: int, pass_s: float, during: Callable[[OpenAiTranscriber], Awaitable[None]]
) -> Told:
    """What is told when, of a server that takes `pass_s` for whatever is said every 3 s."""

    async def words_of(_: Samples) -> AsyncGenerator[str, None]:
        await asyncio.sleep(pass_s)
        yield "word"

    said = [(EVERY_S * n, EVERY_S * n + SPEECH_S) for n in range(utterances)]
    ear = OpenAiTranscriber(words_of, ScriptedVad(said), LIMIT_S)
    told: Told = []

    async def listen() -> None:
        async with aclosing(ear.events()) as events:
            async for event in events:
                if isinstance(event, Word | Final):
                    told.append((now(), event))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen())
        await during(ear)
        await asyncio.sleep(2 * LIMIT_S)
        await ear.close()
    return told


def test_no_flush_waits_longer_than_the_limit_and_no_words_come_later_than_that() -> None:
    asked: list[float] = []

    async def talk(ear: OpenAiTranscriber) -> None:
        for frame in range(50 * EVERY):
            await ear.send(silence())
            await asyncio.sleep(FRAME_TIME_SEC)
            if frame % EVERY == 20:  # 0.6 s after the speech
                asked.append(now())
                await ear.flush(len(asked) - 1)

    before = counted("rtc_audio_dropped_total", queue="stt")
    told = run(call(50, 6.0, talk))
    finals = [(moment, event.mark) for moment, event in told if isinstance(event, Final)]
    words = [(moment, event.start_s) for moment, event in told if isinstance(event, Word)]
    assert [mark for _, mark in finals] == list(range(50))
    assert max(moment - asked[mark] for moment, mark in finals) < LIMIT_S + 0.1
    assert max(moment - start_s for moment, start_s in words) < LIMIT_S + 6.0 + 2.0
    assert len(words) >= 23  # as many as it can take in: it does nothing in vain
    assert counted("rtc_audio_dropped_total", queue="stt") == before + 50 - len(words)


def test_no_flush_is_lost_however_many_wait() -> None:
    async def ask(ear: OpenAiTranscriber) -> None:
        for _ in range(5):
            await ear.send(silence())
        for mark in range(100):
            await ear.flush(mark)

    told = run(call(1, 9.0, ask))
    assert [event for _, event in told] == [Word("word", 0.0), *map(Final, range(100))]
