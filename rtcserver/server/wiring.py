"""Pick an implementation of every port: the only place that knows them all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from rtcserver.audio.silero import SileroVad
from rtcserver.config import Settings, Stt, Tts
from rtcserver.local.supervisor import Supervisor
from rtcserver.server.context import Probe
from rtcserver.server.wiring_embedded import reachable
from rtcserver.server.wiring_tools import wire_tools
from rtcserver.services.llm.openai_chat import OpenAiChat
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.openai_audio import OpenAiTranscribers
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from rtcserver.services.tts.openai_speech import OpenAiSynthesizer
from rtcserver.session.session import Services

_STREAMS_PER_CALL = 4  # to hear, to think twice (speculation), to speak

_EARS: Mapping[str, Callable[[ClientSession, str, Stt], TranscriberFactory]] = {
    "ws": KyutaiTranscribers,
    "wss": KyutaiTranscribers,
    "openai+http": OpenAiTranscribers,
    "openai+https": OpenAiTranscribers,
}
_VOICES: Mapping[str, Callable[[ClientSession, str, Tts], Synthesizer]] = {
    "ws": KyutaiSynthesizer,
    "wss": KyutaiSynthesizer,
    "openai+http": OpenAiSynthesizer,
    "openai+https": OpenAiSynthesizer,
}


@dataclass(frozen=True, slots=True)
class Wired:
    services: Services
    probes: Mapping[str, Probe]


@asynccontextmanager
async def wire_services(settings: Settings) -> AsyncIterator[Wired]:
    """Open all that calls need, and start what of it is embedded. That may still be getting
    ready: connections wait in its backlog. At the end nothing is left."""
    connector = TCPConnector(limit=settings.server.max_calls * _STREAMS_PER_CALL)
    # Every adapter has limits of its own; aiohttp's five minutes in all would end long calls.
    http = ClientSession(connector=connector, timeout=ClientTimeout(total=None))
    async with Supervisor() as supervisor, http, wire_tools(settings.tools) as tools:
        stt, llm, tts = settings.stt, settings.llm, settings.tts
        hears = await reachable("stt", stt.url, settings, supervisor)
        thinks = await reachable("llm", llm.url, settings, supervisor)
        speaks = await reachable("tts", tts.url, settings, supervisor)
        transcribers = _transcribers(http, *hears[0], stt)
        chat = OpenAiChat(http, thinks[0][0], llm)
        synthesizer = _VOICES[_scheme(speaks[0][0])](http, speaks[0][0], tts)
        await asyncio.to_thread(SileroVad)  # loads the model that all calls share
        yield Wired(
            Services(transcribers, chat, synthesizer, SileroVad, tools),
            {"stt": transcribers.probe, "llm": chat.probe, "tts": synthesizer.probe},
        )


def _transcribers(
    http: ClientSession, url: str, embedded: bool, settings: Stt
) -> TranscriberFactory:
    # Ours answer a flush at once: no model delay has to be bridged by silence.
    delay_s = 0.0 if embedded else settings.delay_s
    return _EARS[_scheme(url)](http, url, settings.model_copy(update={"delay_s": delay_s}))


def _scheme(url: str) -> str:
    return url.partition(":")[0]
