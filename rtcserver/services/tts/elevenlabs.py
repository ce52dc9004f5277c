"""Speak through ElevenLabs, or a server that speaks its stream-input: one WebSocket a response.

Its limits, designed around: it gathers 120 characters before it speaks unless it is told to flush,
so it gets clauses; it tells only with its answers whether key, voice and quota are right, since
there is no message that it is ready; times of characters are those of a chunk of audio, and do not
come with each; it hangs up on who sends no text for 20 s, or up to 180 s where asked to.
https://elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-stream-input
"""

import re
from functools import partial

import aiohttp
from yarl import URL

from rtcserver.audio.format import SAMPLE_RATE
from rtcserver.config import Tts
from rtcserver.errors import ServiceFailed
from rtcserver.services.connect import connect
from rtcserver.services.service_socket import ServiceSocket, dial, time_to_dial
from rtcserver.services.tts import elevenlabs_wire as wire
from rtcserver.services.tts.elevenlabs_voice import ElevenLabsVoice

_SCHEME = "elevenlabs+"
_MODEL = "eleven_flash_v2_5"  # the one with the least delay
_ANY_VOICE = ("", "default")
_VOICE = "JBFqnCBsd6RMkjVDRZzb"  # "George", of its own quick start
_VOICE_ID = re.compile("[A-Za-z0-9_-]{1,64}")  # it becomes a part of the path
_LONGEST_PAUSE_S = "180"


class ElevenLabsSynthesizer:
    def __init__(self, http: aiohttp.ClientSession, url: str, settings: Tts) -> None:
        self._http, self._settings = http, settings
        self._base = URL(url.removeprefix(_SCHEME))

    async def open(self, voice: str) -> ElevenLabsVoice:
        limit_s = self._settings.connect_timeout_s
        socket = await connect("tts", partial(self._dial, self._stream(voice)), timeout_s=limit_s)
        return ElevenLabsVoice(socket, self._settings.audio_timeout_s)

    async def probe(self) -> float:
        limit_s = self._settings.connect_timeout_s
        return await time_to_dial("tts", self._dial(self._stream("")), limit_s)

    async def _dial(self, url: URL) -> ServiceSocket:
        key = {"xi-api-key": self._settings.api_key.get_secret_value()}
        socket = await dial(self._http, "tts", url, key)
        try:
            await socket.send_text(wire.BEGIN)
        except BaseException:
            await socket.close()
            raise
        return socket

    def _stream(self, voice: str) -> URL:
        """What else it can be told stands in the query of the address, and has the last word.

        Raises ServiceFailed for a voice that cannot be one of its own: the server is well."""
        if not _VOICE_ID.fullmatch(voice := _VOICE if voice in _ANY_VOICE else voice):
            raise ServiceFailed("tts", "session.voice has to be the id of an ElevenLabs voice")
        asked = {
            "model_id": self._settings.model or _MODEL,
            "output_format": f"pcm_{SAMPLE_RATE}",
            "inactivity_timeout": _LONGEST_PAUSE_S,
            "sync_alignment": "true",
        }
        path = f"{self._base.path.rstrip('/')}/v1/text-to-speech/{voice}/stream-input"
        return self._base.with_path(path).with_query(asked).update_query(self._base.query)
