"""Open ears at Deepgram, or at a server that speaks its /v1/listen.

Its limits, designed around: a word may change until it is final, so only final ones are words to
us; it makes them final at pauses, and when asked to, which it may leave unanswered where nothing
was left to do; it hangs up when it hears neither audio nor a KeepAlive; it tells no pauses.
https://developers.deepgram.com/reference/speech-to-text/listen-streaming
"""

import aiohttp
from yarl import URL

from rtcserver.audio.format import SAMPLE_RATE
from rtcserver.config import Stt
from rtcserver.services.connect import connect
from rtcserver.services.service_socket import ServiceSocket, dial, time_to_dial
from rtcserver.services.stt.deepgram_ear import DeepgramTranscriber

_SCHEME = "deepgram+"
_MODEL = "nova-3"  # without a name it takes the oldest of its models


class DeepgramTranscribers:
    def __init__(self, http: aiohttp.ClientSession, url: str, settings: Stt) -> None:
        self._http, self._settings = http, settings
        self._url = _listen(url, settings)

    async def open(self) -> DeepgramTranscriber:
        limit_s = self._settings.connect_timeout_s
        return DeepgramTranscriber(await connect("stt", self._dial, timeout_s=limit_s))

    async def probe(self) -> float:
        limit_s = self._settings.connect_timeout_s
        return await time_to_dial("stt", self._dial(), limit_s)

    async def _dial(self) -> ServiceSocket:
        key = {"Authorization": f"Token {self._settings.api_key.get_secret_value()}"}
        return await dial(self._http, "stt", self._url, key)


def _listen(url: str, settings: Stt) -> URL:
    """What else it can be told stands in the query of the address, and has the last word."""
    base = URL(url.removeprefix(_SCHEME))
    asked = {
        "model": settings.model or _MODEL,
        **({"language": settings.language} if settings.language else {}),
        "encoding": "linear16",
        "sample_rate": str(SAMPLE_RATE),
        "channels": "1",
        "interim_results": "true",
        "punctuate": "true",
    }
    return (
        base.with_path(base.path.rstrip("/") + "/v1/listen")
        .with_query(asked)
        .update_query(base.query)
    )
