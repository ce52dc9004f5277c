"""The caller's audio on its way in: scored for speech, and cut into frames for the ear."""

import asyncio
from collections.abc import Callable

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.framing import Framer
from rtcserver.audio.wire_format import Decoder, decode_base64
from rtcserver.conversation.inputs import SpeechScore
from rtcserver.errors import ProtocolError
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferAppend
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.services.vad.base import VAD_WINDOW_SEC, Vad
from rtcserver.session.ear import Ear

_WINDOW = int(VAD_WINDOW_SEC * SAMPLE_RATE)
# Scoring a second of audio takes 3 ms: a client that sends a minute at once must not hold
# everybody else's call for so long.
_SLICE = SAMPLE_RATE // 2


class Microphone:
    """Voice activity sees audio as it comes; only the transcriber waits for whole frames."""

    def __init__(self, vad: Vad, ear: Ear, report: Callable[[SpeechScore], None]) -> None:
        self._vad, self._ear, self._report = vad, ear, report
        self._framer = Framer()
        self._scored = 0  # samples
        self._format: AudioFormatName = "audio/pcm"
        self._decoder = Decoder(self._format)

    def set_format(self, name: AudioFormatName) -> None:
        """How audio inside events is encoded."""
        if name != self._format:
            self._format, self._decoder = name, Decoder(name)

    def take(self, samples: Samples) -> None:
        """Audio that comes in real time."""
        self._score(samples)
        for frame in self._framer.push(samples):
            self._ear.listen(frame)

    async def append(self, event: InputAudioBufferAppend) -> None:
        """Audio in an event, at any speed. Raises ProtocolError naming the field."""
        try:
            samples = self._decoder.push(decode_base64(event.audio))
        except ProtocolError as exc:
            exc.event_id = event.event_id
            raise
        for start in range(0, len(samples), _SLICE):
            self._score(part := samples[start : start + _SLICE])
            for frame in self._framer.push(part):
                await self._ear.listen_all(frame)
            await asyncio.sleep(0)

    def _score(self, samples: Samples) -> None:
        for probability in self._vad.push(samples):
            begin, self._scored = self._scored, self._scored + _WINDOW
            self._report(SpeechScore(probability, begin, self._scored))
