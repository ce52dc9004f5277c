"""Open ears at a Kyutai STT server (moshi-server, or the built-in one that speaks its protocol).

Its limits, designed around: one message is taken per model step, so frames go out whole; words
lag by the model's delay, so a flush sends that much silence, which it takes in faster than real
time; a Marker is echoed by "batched_asr" modules only, others hang up on it.
"""

import aiohttp
import msgspec

from rtcserver.config import Stt
from rtcserver.errors import ServiceUnavailable
from rtcserver.services.connect import Jitter, connect, spread
from rtcserver.services.kyutai_socket import auth, endpoint, open_socket, over_http, probe
from rtcserver.services.stt.kyutai_ear import KyutaiTranscriber, Line
from rtcserver.services.stt.progress import silence_frames
from rtcserver.timer import now

_PATH = "/api/asr-streaming"
_ECHOES_MARKERS = "batched_asr"
_MODULES_KNOWN_S = 60.0  # the server may be restarted with another model


class _Module(msgspec.Struct):
    """A row of /api/modules_info."""

    type: str = ""
    path: str = ""


class KyutaiTranscribers:
    def __init__(
        self, http: aiohttp.ClientSession, url: str, settings: Stt, *, jitter: Jitter = spread
    ) -> None:
        self._http, self._url, self._settings, self._jitter = http, url, settings, jitter
        self._echoes_markers = False
        self._known_until: float | None = None

    async def open(self) -> KyutaiTranscriber:
        line = await connect("stt", self._dial, timeout_s=self._settings.connect_timeout_s)
        return KyutaiTranscriber(line, self._redial, self._jitter)

    async def probe(self) -> float:
        return await probe(self._http, "stt", self._url, self._settings.connect_timeout_s)

    async def _redial(self) -> Line:
        return await connect(
            "stt", self._dial, timeout_s=self._settings.connect_timeout_s, attempts=1
        )

    async def _dial(self) -> Line:
        if self._known_until is None or now() > self._known_until:
            self._echoes_markers = await self._ask_for_markers()
            self._known_until = now() + _MODULES_KNOWN_S
        socket = await open_socket(
            self._http, "stt", endpoint(self._url, _PATH), self._settings.api_key
        )
        return Line(socket, self._echoes_markers, silence_frames(self._settings.delay_s))

    async def _ask_for_markers(self) -> bool:
        """Whether a flush is answered by a Marker; servers that do not tell count Steps."""
        url = over_http(self._url, "/api/modules_info")
        try:
            async with self._http.get(url, headers=auth(self._settings.api_key)) as answer:
                if answer.status != 200:
                    return False
                modules = msgspec.json.decode(await answer.read(), type=list[_Module])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        except (aiohttp.ClientError, OSError) as exc:
            raise ServiceUnavailable("stt", f"cannot connect: {exc}") from exc
        return any(
            module.type.lower() == _ECHOES_MARKERS and module.path in ("", _PATH)
            for module in modules
        )
