"""Pick an implementation of every port: the only place that knows them all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from rtcserver.audio.silero import SileroVad
from rtcserver.backends import backend_of
from rtcserver.config import Llm, Settings, Stt, Tts
from rtcserver.local.supervisor import Supervisor
from rtcserver.server.context import Probe
from rtcserver.server.wiring_embedded import Reached, reachable
from rtcserver.server.wiring_pools import Pooled, pooled
from rtcserver.server.wiring_tools import wire_tools
from rtcserver.services.llm.base import ChatModel
from rtcserver.services.llm.openai_chat import OpenAiChat
from rtcserver.services.llm.pooled import PooledChat
from rtcserver.services.pool import Pool
from rtcserver.services.probing import vitals
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.stt.deepgram import DeepgramTranscribers
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.openai_audio import OpenAiTranscribers
from rtcserver.services.stt.pooled import PooledTranscribers
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.tts.elevenlabs import ElevenLabsSynthesizer
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from rtcserver.services.tts.numbers import available as numbers_available
from rtcserver.services.tts.numbers import spell_numbers
from rtcserver.services.tts.openai_speech import OpenAiSynthesizer
from rtcserver.services.tts.pooled import PooledSynthesizer
from rtcserver.session.services import Services
from rtcserver.text.narration import Spell, as_written

# To hear, to think twice (speculation), and to speak twice, each by a clause and the next one.
_STREAMS_PER_CALL = 7

_EARS: Mapping[str, Callable[[ClientSession, str, Stt], TranscriberFactory]] = {
    "ws": KyutaiTranscribers,
    "wss": KyutaiTranscribers,
    "openai+http": OpenAiTranscribers,
    "openai+https": OpenAiTranscribers,
    "deepgram+ws": DeepgramTranscribers,
    "deepgram+wss": DeepgramTranscribers,
}
_CHATS: Mapping[str, Callable[[ClientSession, str, Llm], ChatModel]] = {
    "http": OpenAiChat,
    "https": OpenAiChat,
}
_VOICES: Mapping[str, Callable[[ClientSession, str, Tts], Synthesizer]] = {
    "ws": KyutaiSynthesizer,
    "wss": KyutaiSynthesizer,
    "openai+http": OpenAiSynthesizer,
    "openai+https": OpenAiSynthesizer,
    "elevenlabs+ws": ElevenLabsSynthesizer,
    "elevenlabs+wss": ElevenLabsSynthesizer,
}


@dataclass(frozen=True, slots=True)
class Wired:
    services: Services
    probes: Mapping[str, Probe]
    pools: Sequence[Pool[Any]]


@asynccontextmanager
async def wire_services(settings: Settings) -> AsyncIterator[Wired]:
    """Open all that calls need, and start what of it is embedded. That may still be getting
    ready: connections wait in its backlog. At the end nothing is left."""
    connector = TCPConnector(limit=settings.server.max_calls * _STREAMS_PER_CALL)
    # Every adapter has limits of its own; aiohttp's five minutes in all would end long calls.
    http = ClientSession(connector=connector, timeout=ClientTimeout(total=None))
    async with (
        Supervisor() as supervisor,
        http,
        wire_tools(settings.tools) as tools,
        AsyncExitStack() as pools,
    ):
        enter = pools.enter_async_context
        hears = await reachable("stt", settings.stt.url, settings, supervisor)
        thinks = await reachable("llm", settings.llm.url, settings, supervisor)
        speaks = await reachable("tts", settings.tts.url, settings, supervisor)
        ears = await enter(_transcribers(hears, http, settings.stt))
        chats = await enter(_chats(thinks, http, settings.llm))
        voices = await enter(_synthesizers(speaks, http, settings.tts))
        await asyncio.to_thread(SileroVad)  # loads the model that all calls share
        yield Wired(
            Services(
                PooledTranscribers(ears),
                PooledChat(chats),
                PooledSynthesizer(voices),
                SileroVad,
                tools,
                _spell(settings.tts),
            ),
            {pool.service: partial(vitals, pool) for pool in (ears, chats, voices)},
            (ears, chats, voices),
        )


def _spell(settings: Tts) -> Spell:
    rows = [backend_of("tts", address) for address in settings.url]
    needed = any(row and not row.reads_numbers for row in rows)
    return spell_numbers if needed and numbers_available() else as_written


def _transcribers(
    reached: Sequence[Reached], http: ClientSession, settings: Stt
) -> Pooled[TranscriberFactory]:
    # Ours answer a flush at once: no model delay has to be bridged by silence.
    ours = settings.model_copy(update={"delay_s": 0.0})

    def make(http: ClientSession, one: Reached) -> TranscriberFactory:
        return _EARS[one.scheme](http, one.url, ours if one.embedded else settings)

    return pooled("stt", reached, http, make, settings.connect_timeout_s)


def _chats(reached: Sequence[Reached], http: ClientSession, settings: Llm) -> Pooled[ChatModel]:
    def make(http: ClientSession, one: Reached) -> ChatModel:
        return _CHATS[one.scheme](http, one.url, settings)

    return pooled("llm", reached, http, make, settings.connect_timeout_s)


def _synthesizers(
    reached: Sequence[Reached], http: ClientSession, settings: Tts
) -> Pooled[Synthesizer]:
    def make(http: ClientSession, one: Reached) -> Synthesizer:
        return _VOICES[one.scheme](http, one.url, settings)

    return pooled("tts", reached, http, make, settings.connect_timeout_s)
