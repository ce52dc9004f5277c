"""Pick an implementation of every port: the only place that knows them all."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from rtcserver.audio.silero import SileroVad
from rtcserver.config import Section, Settings
from rtcserver.local.supervisor import Child, Supervisor
from rtcserver.server.context import Probe
from rtcserver.server.wiring_tools import wire_tools
from rtcserver.services.llm.openai_chat import OpenAiChat
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from rtcserver.session.session import Services

_STREAMS_PER_CALL = 4  # to hear, to think twice (speculation), to speak


@dataclass(frozen=True, slots=True)
class Wired:
    """`settings` are those that were given, with the addresses of the built-in services."""

    settings: Settings
    services: Services
    probes: Mapping[str, Probe]


@asynccontextmanager
async def wire_services(settings: Settings) -> AsyncIterator[Wired]:
    """Open all that calls need, and start a built-in service for each one without a URL. They
    may still be getting ready: connections wait in their backlog. At the end nothing is left."""
    connector = TCPConnector(limit=settings.server.max_calls * _STREAMS_PER_CALL)
    # Every adapter has limits of its own; aiohttp's five minutes in all would end long calls.
    http = ClientSession(connector=connector, timeout=ClientTimeout(total=None))
    async with Supervisor() as supervisor, http, wire_tools(settings.tools) as tools:
        settings = await _with_local_services(settings, supervisor)
        transcribers = KyutaiTranscribers(http, settings.stt)
        chat = OpenAiChat(http, settings.llm)
        synthesizer = KyutaiSynthesizer(http, settings.tts)
        await asyncio.to_thread(SileroVad)  # loads the model that all calls share
        yield Wired(
            settings,
            Services(transcribers, chat, synthesizer, SileroVad, tools),
            {"stt": transcribers.probe, "llm": chat.probe, "tts": synthesizer.probe},
        )


async def _with_local_services(settings: Settings, supervisor: Supervisor) -> Settings:
    changed: dict[str, Section] = {}
    if not settings.stt.url:
        url = await supervisor.start(_stt(settings))
        # It answers a flush at once: no model delay has to be bridged by silence.
        local = {"url": url.replace("http:", "ws:", 1), "delay_s": 0.0}
        changed["stt"] = settings.stt.model_copy(update=local)
    if not settings.tts.url:
        url = await supervisor.start(_tts(settings))
        changed["tts"] = settings.tts.model_copy(update={"url": url.replace("http:", "ws:", 1)})
    if not settings.llm.url:
        url = await supervisor.start(_agent(settings))
        changed["llm"] = settings.llm.model_copy(update={"url": f"{url}/v1"})
    return settings.model_copy(update=changed)


def _stt(settings: Settings) -> Child:
    slots = ("--slots", str(settings.local.stt_slots))
    return Child("stt", "rtcserver.local.stt_server", slots)


def _tts(settings: Settings) -> Child:
    voice = ("--engine", settings.local.tts_engine, "--voice", settings.local.tts_voice)
    slots = ("--slots", str(settings.server.max_calls))
    return Child("tts", "rtcserver.local.tts_server", voice + slots)


def _agent(settings: Settings) -> Child:
    pace = ("--first-token-ms", str(settings.local.first_token_ms))
    speed = ("--tokens-per-s", str(settings.local.tokens_per_s))
    return Child("llm", "rtcserver.local.agent_server", pace + speed)
