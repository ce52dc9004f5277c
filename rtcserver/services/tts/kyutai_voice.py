"""One response being spoken by a Kyutai TTS server."""

from collections.abc import AsyncGenerator

import numpy as np

from rtcserver.errors import ServiceFailed
from rtcserver.services import kyutai_wire as wire
from rtcserver.services.connect import count_failure
from rtcserver.services.kyutai_socket import KyutaiSocket
from rtcserver.services.tts.audio_limit import AudioLimit
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord
from rtcserver.services.tts.outlet import Outlet
from rtcserver.services.tts.speed import Speed

# It speaks faster than the caller listens, and must be read all the while: a ping that waits
# behind unread audio for 30 s loses the connection. Minutes of speech, some 8 MB, fit in here.
_SPOKEN = 2048


class KyutaiVoice:
    def __init__(self, socket: KyutaiSocket, audio_timeout_s: float) -> None:
        self._socket, self._limit = socket, AudioLimit(audio_timeout_s)
        self._speed = Speed()
        self._outlet = Outlet(self._read, _SPOKEN)

    async def say(self, word: str) -> None:
        if text := word.strip():
            self._speed.text_sent()
            await self._socket.send(wire.pack_text(text))

    async def end(self) -> None:
        """From here on audio must keep coming: a stalled server is given up."""
        self._limit.text_ended()
        await self._socket.finish()

    def events(self) -> AsyncGenerator[Spoken, None]:
        return self._outlet.events()

    async def close(self) -> None:
        try:
            await self._outlet.close()
        finally:
            await self._socket.close()

    async def _read(self) -> None:
        try:
            while (raw := await self._limit.wait(self._socket.receive())) is not None:
                if (spoken := self._take(raw)) is not None:
                    await self._outlet.put(spoken)
            if not self._limit.text_is_over:
                raise ServiceFailed("tts", "hung up before the end of the text")
        except ServiceFailed as failure:
            count_failure(failure)
            raise
        finally:
            await self._socket.close()
            self._speed.report()

    def _take(self, raw: bytes) -> Spoken | None:
        try:
            message = wire.read_tts(raw)
        except ValueError as exc:
            raise ServiceFailed("tts", f"garbage: {exc}") from exc
        match message:
            case np.ndarray():
                self._speed.audio_came(message)
                self._limit.audio_came()
                return SpokenAudio(message)
            case wire.Text(text, start_s, stop_s) if text.strip():  # a stream begins with ""
                return SpokenWord(text, start_s, stop_s)
            case wire.Error(reason):
                raise ServiceFailed("tts", reason)
        return None
