"""Speak through /v1/audio/speech (Kokoro-FastAPI, speaches, LocalAI, OpenAI…), a clause a request.

Its limits, designed around: it takes no stream of text, so words are gathered into clauses; it
tells no times of words, so they are guessed; its PCM has a rate that it does not tell.
https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

import asyncio

import aiohttp
import msgspec

from rtcserver.config import Tts
from rtcserver.errors import ServiceBusy, ServiceUnavailable
from rtcserver.services.connect import connect
from rtcserver.services.openai_http import JSON, OpenAiHttp
from rtcserver.services.tts.openai_voice import OpenAiVoice
from rtcserver.timer import now

_RETRY_AFTER_S = 0.1
_GOOD_FOR_S = 30.0  # a server that was there is believed to be, until something fails
_ANY_VOICE = ("", "default")  # the server's own choice


class OpenAiSynthesizer:
    def __init__(self, http: aiohttp.ClientSession, url: str, settings: Tts) -> None:
        self._settings = settings
        self._server = OpenAiHttp(http, "tts", url, settings.api_key, settings.connect_timeout_s)
        self._good_until: float | None = None

    async def open(self, voice: str) -> OpenAiVoice:
        """No slot is taken; but one that is not there must be known before there is text."""
        if self._good_until is None or now() > self._good_until:
            limit_s = self._settings.connect_timeout_s
            await connect("tts", self._server.check, timeout_s=limit_s)
            self._good_until = now() + _GOOD_FOR_S

        async def speak(text: str) -> aiohttp.ClientResponse:
            return await self._speak(voice, text)

        return OpenAiVoice(speak, self._settings.sample_rate_hz, self._settings.audio_timeout_s)

    async def probe(self) -> float:
        return await self._server.check()

    async def _speak(self, voice: str, text: str) -> aiohttp.ClientResponse:
        """The audio of one clause. A server that refuses is asked once more, since nothing of it
        was said yet. Raises ServiceError."""
        try:
            return await self._ask(voice, text)
        except (ServiceBusy, ServiceUnavailable):
            self._good_until = None
            await asyncio.sleep(_RETRY_AFTER_S)
            return await self._ask(voice, text)

    async def _ask(self, voice: str, text: str) -> aiohttp.ClientResponse:
        async def post() -> aiohttp.ClientResponse:
            body = {
                "model": self._settings.model or await self._server.pick_model(),
                "input": text,
                "response_format": "pcm",
                **({} if voice in _ANY_VOICE else {"voice": voice}),
            }
            encoded = msgspec.json.encode(body)
            return await self._server.ask("/audio/speech", lambda: encoded, JSON)

        return await connect("tts", post, timeout_s=self._settings.audio_timeout_s)
