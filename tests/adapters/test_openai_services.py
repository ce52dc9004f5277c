"""All three services at servers that speak OpenAI's HTTP, by their addresses alone."""

import asyncio

from rtcserver.audio.framing import Framer
from rtcserver.config import Llm, Settings, Stt, Tts
from rtcserver.conversation.context import ChatRequest
from rtcserver.server.wiring import wire_services
from rtcserver.services.llm.base import Finish, TextDelta
from rtcserver.services.tts.base import SpokenAudio
from rtcserver.turns.hearing import Final, Word
from tests.adapters.recogniser import spoken
from tests.adapters.stubs.leaks import nothing_left, until
from tests.adapters.stubs.openai_audio import OpenAiAudioStub
from tests.adapters.stubs.openai_chat import OpenAiChatStub


async def test_what_is_said_is_heard_answered_and_spoken() -> None:
    audio, chat = OpenAiAudioStub(streams="openai"), OpenAiChatStub()
    async with (
        asyncio.timeout(20),
        nothing_left(),
        audio.running() as speech_url,
        chat.running() as chat_url,
        wire_services(
            Settings(
                stt=Stt(url=(speech_url,)), llm=Llm(url=(chat_url,)), tts=Tts(url=(speech_url,))
            )
        ) as wired,
    ):
        ear = await wired.services.transcribers.open()
        for frame in Framer().push(spoken("hello there")):
            await ear.send(frame)
        await ear.flush(1)
        heard = []
        async for event in ear.events():
            heard.append(event)
            if event == Final(1):
                break
        await ear.close()
        assert [event.text for event in heard if isinstance(event, Word)] == ["Hello", "there."]

        request = ChatRequest(({"role": "user", "content": "Hello there."},))
        answer = [event async for event in wired.services.chat.stream(request)]
        assert answer == [TextDelta("Hello"), TextDelta(" there."), Finish("stop")]

        voice = await wired.services.synthesizer.open("default")
        for word in ["Hello", " there."]:
            await voice.say(word)
        await voice.end()
        sound = [event async for event in voice.events() if isinstance(event, SpokenAudio)]
        assert sum(len(event.samples) for event in sound) == 12 * 960
        await voice.close()
        await until(lambda: audio.busy == 0)
