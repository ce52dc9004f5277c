"""Every backend that a stub can stand in for, by the name it has in the table of faults."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from rtcserver.audio.format import Samples
from rtcserver.config import Llm, Stt, Tts
from rtcserver.services.llm.openai_chat import OpenAiChat
from rtcserver.services.stt.deepgram import DeepgramTranscribers
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.openai_audio import OpenAiTranscribers
from rtcserver.services.tts.elevenlabs import ElevenLabsSynthesizer
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from rtcserver.services.tts.openai_speech import OpenAiSynthesizer
from tests.adapters.stubs.deepgram import DeepgramStub
from tests.adapters.stubs.elevenlabs import ElevenLabsStub
from tests.adapters.stubs.faults import Stub
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub
from tests.adapters.stubs.openai_audio import OpenAiAudioStub
from tests.adapters.stubs.openai_chat import OpenAiChatStub


class Loudness:
    """A VAD for callers who hum or are silent."""

    def push(self, chunk: Samples) -> list[float]:
        return [0.98 if chunk.any() else 0.02] * 2


@dataclass(frozen=True, slots=True)
class Backend:
    """How to start a stub of it, and how to speak to that; all settings are the defaults."""

    service: str
    stub: Callable[[], Stub]
    adapter: Callable[[ClientSession, str], Any]
    """An implementation of the service's port."""


BACKENDS = {
    "kyutai stt": Backend(
        "stt",
        lambda: KyutaiSttStub(word_for_sound="hello"),
        lambda http, url: KyutaiTranscribers(http, url, Stt()),
    ),
    "deepgram stt": Backend(
        "stt",
        lambda: DeepgramStub(word_for_sound="hello"),
        lambda http, url: DeepgramTranscribers(http, url, Stt()),
    ),
    "openai chat": Backend("llm", OpenAiChatStub, lambda http, url: OpenAiChat(http, url, Llm())),
    "openai stt": Backend(
        "stt",
        OpenAiAudioStub,
        lambda http, url: OpenAiTranscribers(http, url, Stt(), Loudness),
    ),
    "openai tts": Backend(
        "tts", OpenAiAudioStub, lambda http, url: OpenAiSynthesizer(http, url, Tts())
    ),
    "elevenlabs tts": Backend(
        "tts", ElevenLabsStub, lambda http, url: ElevenLabsSynthesizer(http, url, Tts())
    ),
    "kyutai tts": Backend(
        "tts", KyutaiTtsStub, lambda http, url: KyutaiSynthesizer(http, url, Tts())
    ),
}
WELL = {"stt": "kyutai stt", "llm": "openai chat", "tts": "kyutai tts"}
"""Who does what is not the subject of a test."""
