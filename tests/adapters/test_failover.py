"""What calls get, as the server wires it, when one of several instances fails them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import numpy as np

from rtcserver.config import Llm, Settings, Stt, Tts
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceError
from rtcserver.server.wiring import wire_services
from rtcserver.services.llm.base import TextDelta
from rtcserver.services.tts.base import Spoken, SpokenAudio, Voice
from rtcserver.session.ear import Ear
from rtcserver.session.services import Services
from rtcserver.turns.hearing import Hearing, Word
from tests.adapters.stubs.faults import Fault
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.openai_chat import OpenAiChatStub

NOBODY = "127.0.0.1:9"  # the port of "discard", where nobody listens


@asynccontextmanager
async def wired(*, stt: str, llm: str, tts: str) -> AsyncIterator[Services]:
    """As it is written in variables: best first, commas between."""
    settings = Settings(
        stt=Stt.model_validate({"url": stt}),
        llm=Llm.model_validate({"url": llm}),
        tts=Tts.model_validate({"url": tts}),
    )
    async with nothing_left(), wire_services(settings) as wires:
        yield wires.services


async def spoken(voice: Voice, word: str) -> list[Spoken]:
    await voice.say(word)
    await voice.end()
    async with asyncio.timeout(20), aclosing(voice.events()) as events:
        return [event async for event in events if isinstance(event, SpokenAudio)]


async def test_another_server_and_then_an_embedded_voice_step_in() -> None:
    stub = KyutaiTtsStub(slots=1)
    async with (
        stub.running() as url,
        wired(stt="pocketsphinx:", llm="agent:", tts=f"ws://{NOBODY},{url},tones:") as services,
    ):
        first = await services.synthesizer.open("default")
        second = await services.synthesizer.open("default")
        assert counted("rtc_service_leases", service="tts", instance=url) == 1
        assert counted("rtc_service_leases", service="tts", instance="tones:") == 1
        assert await spoken(first, "hello")
        assert await spoken(second, "hello")
        await first.close()
        await second.close()
    assert stub.said == ["hello"]


async def test_another_chat_model_answers_where_the_first_is_not_there() -> None:
    request = ChatRequest(({"role": "user", "content": "Hi"},))
    async with (
        OpenAiChatStub().running() as url,
        wired(stt="pocketsphinx:", llm=f"http://{NOBODY}/v1,{url}", tts="tones:") as services,
        aclosing(services.chat.stream(request)) as stream,
    ):
        said = [event.text async for event in stream if isinstance(event, TextDelta)]
    assert "".join(said) == "Hello there."


async def test_a_call_goes_on_at_another_recogniser_when_its_own_is_lost() -> None:
    lost = KyutaiSttStub(fault=(Fault.CUT, 5), slots=1)
    other = KyutaiSttStub(words=[("again", 1)])
    heard: list[Hearing] = []
    failures: list[ServiceError] = []
    async with (
        lost.running() as one,
        other.running() as two,
        wired(stt=f"{one},{two}", llm="agent:", tts="tones:") as services,
    ):
        ear = Ear(services.transcribers, heard.append, failures.append)
        listening = asyncio.create_task(ear.run())

        def hears_again() -> bool:
            """Speaks on meanwhile."""
            if lost.connections:
                lost.slots = 0
            ear.listen(np.zeros(1920, np.int16))
            return any(isinstance(event, Word) for event in heard)

        await until(hears_again, limit_s=20)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
    assert [event.text for event in heard if isinstance(event, Word)] == ["again"]
    assert len(failures) == 1
    assert (lost.taken, other.taken) == (0, 0)
