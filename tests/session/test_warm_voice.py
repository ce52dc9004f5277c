"""A voice is opened while the caller's last words are on their way, and never left behind."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from rtcserver.config import Settings, Tts
from rtcserver.errors import ServiceBusy
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.tts.scripted import ScriptedSynthesizer, ScriptedVoice
from rtcserver.session.warm_voice import WarmVoice
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call
from tests.virtual_time import run


@dataclass
class Slow(ScriptedSynthesizer):
    """Takes `open_s` to open a voice."""

    open_s: float = 0.3

    def __post_init__(self) -> None:
        super().__init__()

    async def open(self, voice: str) -> ScriptedVoice:
        await asyncio.sleep(self.open_s)
        return await super().open(voice)


def in_a_call_of_its_own(
    synthesizer: ScriptedSynthesizer, say: Callable[[WarmVoice], Awaitable[None]]
) -> None:
    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            await say(WarmVoice(synthesizer, tasks, keep_s=2.0))

    run(main())
    assert all(voice.closed for voice in synthesizer.voices)


def answered(warm_s: float) -> Call:
    """A turn of a second; opening a voice takes longer than anything else does."""
    return call(
        6,
        speech=[(0.5, 1.5)],
        words=[Word("hello", 1.0)],
        chat=ScriptedChat(["Hi there."], first_token_s=0.05),
        synthesizer=Slow(open_s=0.5),
        settings=Settings(tts=Tts(warm_s=warm_s)),
    )


def test_a_voice_that_is_slow_to_open_is_opened_in_the_callers_pause() -> None:
    cold, warm = answered(0.0), answered(2.0)
    started = "output_audio_buffer.started"
    # The flush, from which on the voice is opened, comes 100 ms before the transcript.
    assert cold.first(started) - warm.first(started) == pytest.approx(0.1, abs=0.03)
    assert len(warm.synthesizer.voices) == 1


def test_a_voice_that_is_opened_in_vain_is_closed() -> None:
    made = call(6, speech=[(0.5, 1.5)], synthesizer=Slow())
    assert [voice.closed for voice in made.synthesizer.voices] == [True]
    assert made.synthesizer.voices[0].said == []


def test_what_is_expected_is_there_at_once_and_once() -> None:
    async def say(warm: WarmVoice) -> None:
        warm.expect("alice")
        warm.expect("alice")
        await asyncio.sleep(0.3)
        start = asyncio.get_running_loop().time()
        first = await warm.open("alice")
        assert asyncio.get_running_loop().time() == start
        second = await warm.open("alice")
        assert asyncio.get_running_loop().time() == pytest.approx(start + 0.3)
        await first.close()
        await second.close()

    slow = Slow()
    in_a_call_of_its_own(slow, say)
    assert len(slow.voices) == 2


def test_one_that_is_expected_again_is_kept_as_long_again() -> None:
    async def say(warm: WarmVoice) -> None:
        warm.expect("alice")
        await asyncio.sleep(2.2)
        warm.expect("alice")
        await asyncio.sleep(1.5)
        start = asyncio.get_running_loop().time()
        await (await warm.open("alice")).close()
        assert asyncio.get_running_loop().time() == start

    slow = Slow()
    in_a_call_of_its_own(slow, say)
    assert len(slow.voices) == 1


def test_one_that_is_still_being_opened_is_waited_for() -> None:
    async def say(warm: WarmVoice) -> None:
        warm.expect("alice")
        await asyncio.sleep(0.2)
        await (await warm.open("alice")).close()
        assert asyncio.get_running_loop().time() == pytest.approx(0.3)

    in_a_call_of_its_own(Slow(), say)


def test_another_voice_than_expected_is_opened_and_the_first_let_go() -> None:
    async def say(warm: WarmVoice) -> None:
        warm.expect("alice")
        await asyncio.sleep(1)
        voice = await warm.open("bob")
        assert [one.name for one in slow.voices if not one.closed] == ["bob"]
        await voice.close()

    slow = Slow()
    in_a_call_of_its_own(slow, say)


def test_one_that_nobody_asks_for_is_closed_in_time() -> None:
    async def say(warm: WarmVoice) -> None:
        warm.expect("alice")
        await asyncio.sleep(2.2)
        assert [voice.closed for voice in slow.voices] == [False]
        await asyncio.sleep(0.2)
        assert [voice.closed for voice in slow.voices] == [True]
        await (await warm.open("alice")).close()

    slow = Slow()
    in_a_call_of_its_own(slow, say)
    assert len(slow.voices) == 2


def test_where_none_could_be_opened_ahead_one_is_opened_in_need() -> None:
    async def say(warm: WarmVoice) -> None:
        warm.expect("alice")
        await asyncio.sleep(0.1)
        opening = asyncio.create_task(warm.open("alice"))
        await asyncio.sleep(0.21)
        slow.refuse = None
        await (await opening).close()

    slow = Slow()
    slow.refuse = ServiceBusy("tts", "no free channels")
    in_a_call_of_its_own(slow, say)


def test_whoever_is_cancelled_at_whatever_moment_leaves_no_voice_open() -> None:
    dice, slow = random.Random(3), Slow(open_s=0.01)

    async def speak(warm: WarmVoice) -> None:
        voice = await warm.open("alice")
        try:
            await asyncio.sleep(0.01)
        finally:
            await voice.close()

    async def a_call() -> None:
        async with asyncio.TaskGroup() as tasks:
            warm = WarmVoice(slow, tasks, keep_s=dice.choice([0.005, 1]))
            for _ in range(3):
                warm.expect("alice")
                await asyncio.sleep(dice.choice([0, 0.005, 0.01, 0.015]))
                speaking = tasks.create_task(speak(warm))
                await asyncio.sleep(dice.choice([0, 0.005, 0.01, 0.02]))
                speaking.cancel()

    async def main() -> None:
        for _ in range(500):
            calling = asyncio.create_task(a_call())
            await asyncio.wait({calling}, timeout=dice.choice([0.005, 0.01, 0.015, 0.02, 1, 2]))
            calling.cancel()
            await asyncio.wait({calling})

    run(main())
    assert len(slow.voices) > 500
    assert [voice for voice in slow.voices if not voice.closed] == []
