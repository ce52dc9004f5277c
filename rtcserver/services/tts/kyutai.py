"""Speak through a Kyutai TTS server (moshi-server, or the built-in one): one WebSocket a response.

Its limits, designed around: it wants whole words, and an Eos for the last ones; an unknown voice
becomes its default voice without a word (tts.voices tells which are known); a socket left open
holds its slot for ever.
"""

from functools import partial

import aiohttp

from rtcserver.config import Tts
from rtcserver.services.connect import connect
from rtcserver.services.kyutai_modules import module_at
from rtcserver.services.kyutai_socket import KyutaiSocket, endpoint, open_socket, probe
from rtcserver.services.kyutai_wire import EOS
from rtcserver.services.standing import Load
from rtcserver.services.tts.kyutai_voice import KyutaiVoice

_PATH = "/api/tts_streaming"


class KyutaiSynthesizer:
    def __init__(self, http: aiohttp.ClientSession, url: str, settings: Tts) -> None:
        self._http, self._url, self._settings = http, url, settings

    async def open(self, voice: str) -> KyutaiVoice:
        socket = await connect(
            "tts", partial(self._dial, voice), timeout_s=self._settings.connect_timeout_s
        )
        return KyutaiVoice(socket, self._settings.audio_timeout_s)

    async def probe(self) -> float:
        return await probe(self._http, "tts", self._url, self._settings.connect_timeout_s)

    async def load(self) -> Load | None:
        module = await module_at(self._http, "tts", self._url, _PATH, self._settings.api_key)
        return None if module is None else module.load()

    async def _dial(self, voice: str) -> KyutaiSocket:
        # The server's own default format is Ogg.
        url = endpoint(self._url, _PATH, voice=voice, format="PcmMessagePack")
        return await open_socket(self._http, "tts", url, self._settings.api_key, EOS)
