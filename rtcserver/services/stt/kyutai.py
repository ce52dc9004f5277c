"""Open ears at a Kyutai STT server (moshi-server, or the built-in one that speaks its protocol).

Its limits, designed around: one message is taken per model step, so frames go out whole; words
lag by the model's delay, so a flush sends that much silence, which it takes in faster than real
time; a Marker is echoed by "batched_asr" modules only, others hang up on it.
"""

from weakref import WeakSet

import aiohttp

from rtcserver.config import Stt
from rtcserver.services.connect import Jitter, connect, spread
from rtcserver.services.kyutai_modules import Module, module_at
from rtcserver.services.kyutai_socket import endpoint, open_socket, probe
from rtcserver.services.standing import Load
from rtcserver.services.stt.kyutai_ear import BEARS, Bears, KyutaiTranscriber
from rtcserver.services.stt.kyutai_line import FlushBy, Line, silence_frames
from rtcserver.timer import now

_PATH = "/api/asr-streaming"
_ECHOES_MARKERS = "batched_asr"
_MODULES_KNOWN_S = 60.0  # the server may be restarted with another model


class KyutaiTranscribers:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        settings: Stt,
        *,
        jitter: Jitter = spread,
        bears: Bears = BEARS,
    ) -> None:
        self._http, self._url, self._settings, self._jitter = http, url, settings, jitter
        self._bears = bears
        self._echoes_markers = False
        self._known_until: float | None = None
        self._ears: WeakSet[KyutaiTranscriber] = WeakSet()

    async def open(self) -> KyutaiTranscriber:
        line = await connect("stt", self._dial, timeout_s=self._settings.connect_timeout_s)
        ear = KyutaiTranscriber(line, self._redial, self._jitter, self._bears)
        self._ears.add(ear)
        return ear

    async def probe(self) -> float:
        return await probe(self._http, "stt", self._url, self._settings.connect_timeout_s)

    async def load(self) -> Load | None:
        module = await self._module()
        behind_s = max((ear.backlog_s() for ear in self._ears), default=0.0)
        return None if module is None else module.load(behind_s)

    async def _redial(self) -> Line:
        return await connect("stt", self._dial, timeout_s=self._settings.connect_timeout_s)

    async def _dial(self) -> Line:
        if self._known_until is None or now() > self._known_until:
            module = await self._module()
            # Servers that do not tell are flushed by counting Steps.
            self._echoes_markers = module is not None and module.type.lower() == _ECHOES_MARKERS
            self._known_until = now() + _MODULES_KNOWN_S
        socket = await open_socket(
            self._http, "stt", endpoint(self._url, _PATH), self._settings.api_key
        )
        frames = silence_frames(self._settings.delay_s)
        return Line(socket, FlushBy(frames, self._echoes_markers))

    async def _module(self) -> Module | None:
        return await module_at(self._http, "stt", self._url, _PATH, self._settings.api_key)
