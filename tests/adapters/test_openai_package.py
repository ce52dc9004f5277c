"""The stubs of OpenAI's HTTP speak it as the openai package understands it."""

import openai

from rtcserver.audio.format import silence
from rtcserver.audio.wav import as_wav
from tests.adapters.stubs.openai_audio import OpenAiAudioStub
from tests.adapters.stubs.openai_chat import DONE, HELLO, USAGE, OpenAiChatStub

WAV = ("speech.wav", as_wav(silence()))


def package(url: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=url.removeprefix("openai+"), api_key="public_token")


async def test_a_whole_transcript() -> None:
    async with OpenAiAudioStub().running() as url, package(url) as sdk:
        heard = await sdk.audio.transcriptions.create(model="tiny", file=WAV)
    assert heard.text == "Hello there."


async def test_a_streamed_transcript() -> None:
    stub = OpenAiAudioStub(streams="openai")
    async with stub.running() as url, package(url) as sdk:
        stream = await sdk.audio.transcriptions.create(model="tiny", file=WAV, stream=True)
        events = [event async for event in stream]
    assert [event.type for event in events] == ["transcript.text.delta"] * 2 + [
        "transcript.text.done"
    ]
    assert {"model": "tiny", "stream": "true"}.items() <= stub.asked[0].items()


async def test_speech() -> None:
    stub = OpenAiAudioStub()
    async with stub.running() as url, package(url) as sdk:
        spoken = await sdk.audio.speech.create(
            model="tiny", voice="alloy", input="Hello there.", response_format="pcm"
        )
        assert len(spoken.content) == 2 * 12 * 960
    assert stub.asked == [
        {"model": "tiny", "voice": "alloy", "input": "Hello there.", "response_format": "pcm"}
    ]


async def test_chat() -> None:
    stub = OpenAiChatStub(reply=[*HELLO, USAGE, DONE], key="public_token")
    async with stub.running() as url, package(url) as sdk:
        stream = await sdk.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        chunks = [chunk async for chunk in stream]
    assert [c.choices[0].delta.content for c in chunks if c.choices] == ["Hello", " there.", None]
    assert chunks[-1].usage
