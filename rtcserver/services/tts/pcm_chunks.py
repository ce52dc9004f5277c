"""Make samples of PCM that comes in chunks cut anywhere, even within a sample. Pure."""

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import Resampler
from rtcserver.errors import ServiceFailed

_NO_PCM = (b"RIFF", b"ID3", b"OggS", b"fLaC", b'{"', b"\xff\xfb", b"\xff\xf3", b"\xff\xf1")
"""How files begin that a server sends though PCM was asked for: to the ear they are noise."""
_LONGEST_MAGIC = 4


class PcmChunks:
    """One answer: 16 bit, little-endian, mono."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = Resampler(rate_hz, SAMPLE_RATE)
        self._rest = b""
        self._begun = False

    def push(self, chunk: bytes) -> Samples:
        """At 24 kHz, as far as they are whole. Raises ServiceFailed if this is no PCM."""
        pcm = self._rest + chunk
        if not self._begun and len(pcm) < _LONGEST_MAGIC:
            self._rest = pcm
            return np.zeros(0, np.int16)
        if not self._begun and pcm.startswith(_NO_PCM):
            raise ServiceFailed("tts", f"sends a file that begins with {pcm[:4]!r} and no PCM")
        self._begun = True
        whole = len(pcm) - len(pcm) % 2
        self._rest = pcm[whole:]
        return self._resampler.push(np.frombuffer(pcm[:whole], "<i2").astype(np.int16))

    def end(self) -> Samples:
        """What was kept back; half a sample is none."""
        return self._resampler.flush()
