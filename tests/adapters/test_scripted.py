import asyncio
from contextlib import aclosing

import numpy as np
import pytest

from rtcserver.audio.format import silence
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceBusy, ServiceFailed
from rtcserver.services.llm.base import ChatEvent, Finish, TextDelta, ToolCall
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord, Synthesizer
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.services.vad.scripted import SILENCE, SPEECH, ScriptedVad
from rtcserver.timer import now
from rtcserver.turns.hearing import Final, Hearing, Step, Word
from tests.virtual_time import run

REQUEST = ChatRequest(({"role": "user", "content": "Hi"},))
HANG_UP = ToolCall("call_1", "hang_up", "{}")


def test_words_are_heard_when_their_audio_was() -> None:
    async def main() -> list[Hearing]:
        ear = await ScriptedTranscribers(
            [Word("late", 0.32), Word("hello", 0.1)], delay_s=0.16, final_delay_s=0.5
        ).open()
        for _ in range(4):
            await asyncio.sleep(0.08)
            await ear.send(silence())
        await ear.flush(3)
        await asyncio.sleep(1)
        await ear.close()
        return [event async for event in ear.events()]

    assert run(main()) == [Step()] * 4 + [Word("hello", 0.1), Word("late", 0.32), Final(3)]


def test_a_final_takes_its_time() -> None:
    async def main() -> float:
        ear = await ScriptedTranscribers(final_delay_s=0.5).open()
        await ear.flush(1)
        async with aclosing(ear.events()) as events:
            assert await anext(events) == Final(1)
        return now()

    assert run(main()) == pytest.approx(0.5)


def test_replies_come_in_turn_word_by_word() -> None:
    async def main() -> list[list[tuple[float, ChatEvent]]]:
        chat = ScriptedChat(["Hi there.", [HANG_UP]], first_token_s=0.2, per_token_s=0.05)
        replies = []
        for _ in range(2):
            began = now()
            replies.append([(round(now() - began, 3), e) async for e in chat.stream(REQUEST)])
        assert chat.requests == [REQUEST] * 2
        assert chat.aborted == 0
        return replies

    assert run(main()) == [
        [(0.2, TextDelta("Hi")), (0.25, TextDelta(" there.")), (0.3, Finish("stop"))],
        [(0.2, HANG_UP), (0.25, Finish("tool_calls"))],
    ]


def test_a_scripted_failure_is_raised_and_an_abort_counted() -> None:
    async def main() -> int:
        chat = ScriptedChat([[TextDelta("Hi"), ServiceFailed("llm", "boom")]])
        async with aclosing(chat.stream(REQUEST)) as reply:
            await anext(reply)
        with pytest.raises(ServiceFailed, match="boom"):
            async for _ in chat.stream(REQUEST):
                pass
        return chat.aborted

    assert run(main()) == 1


def test_every_word_lasts_equally_long_and_can_be_told_by_its_samples() -> None:
    async def main() -> list[Spoken]:
        voices = ScriptedSynthesizer(seconds_per_word=0.2, first_audio_s=0.1, realtime_factor=4)
        voice = await voices.open("v")
        for word in ("one", "two"):
            await voice.say(word)
        await voice.end()
        return [spoken async for spoken in voice.events()]

    spoken = run(main())
    words = [event for event in spoken if isinstance(event, SpokenWord)]
    assert words == [SpokenWord("one", 0.0, 0.2), SpokenWord("two", 0.2, 0.4)]
    sound = np.concatenate([event.samples for event in spoken if isinstance(event, SpokenAudio)])
    assert sound.tolist() == [1] * 4800 + [2] * 4800


def test_it_speaks_as_fast_as_it_is_told_to() -> None:
    async def main() -> float:
        voices = ScriptedSynthesizer(seconds_per_word=0.4, first_audio_s=0.1, realtime_factor=4)
        voice = await voices.open("v")
        await voice.say("one")
        await voice.end()
        async for _ in voice.events():
            pass
        return now()

    assert run(main()) == pytest.approx(0.2)


def test_a_closed_voice_falls_silent() -> None:
    async def main() -> int:
        voice = await ScriptedSynthesizer().open("v")
        await voice.say("one")
        spoken = 0
        async for _ in voice.events():
            spoken += 1
            await voice.close()
        return spoken

    assert run(main()) == 1


def test_what_refuses_is_not_opened() -> None:
    async def refused(factory: TranscriberFactory | Synthesizer) -> None:
        with pytest.raises(ServiceBusy):
            await factory.probe()

    busy = ServiceBusy("stt", "full")
    run(refused(ScriptedTranscribers(refuse=busy)))
    run(refused(ScriptedSynthesizer(refuse=busy)))


def test_vad_windows_are_speech_by_their_middle() -> None:
    vad = ScriptedVad([(0.064, 0.1)])
    heard = [p for _ in range(2) for p in vad.push(silence(1900))]
    assert heard == [SILENCE, SILENCE, SPEECH, SILENCE]
