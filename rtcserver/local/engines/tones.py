"""Beep once for each word: always there, and nobody takes it for speech."""

from collections.abc import Sequence

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.local.engines.base import Speech

_LETTER_SEC = 0.055  # as long as a voice would take
_SHORTEST_SEC = 0.12
_GAP_SEC = 0.06
_LOUDNESS = 6_000  # about -15 dBFS
_FADE = SAMPLE_RATE // 100  # 10 ms, or it clicks
_SCALE_HZ = (262, 294, 330, 392, 440, 523)


class Tones:
    """The length of a word is the length of its tone, and its pitch too."""

    name: str = "tones"
    voices: tuple[str, ...] = ("beep",)

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        parts, times, at_s = [], [], 0.0
        gap = np.zeros(int(_GAP_SEC * SAMPLE_RATE), np.int16)
        for word in words:
            length_s = max(_SHORTEST_SEC, len(word) * _LETTER_SEC)
            times.append((at_s, at_s + length_s))
            parts += [_tone(_SCALE_HZ[len(word) % len(_SCALE_HZ)], length_s), gap]
            at_s += (len(parts[-2]) + len(gap)) / SAMPLE_RATE
        return Speech(np.concatenate(parts), SAMPLE_RATE, tuple(times))


def _tone(hz: float, length_s: float) -> Samples:
    time = np.arange(int(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    tone = _LOUDNESS * np.sin(2 * np.pi * hz * time)
    ramp = np.linspace(0, 1, _FADE)
    tone[:_FADE] *= ramp
    tone[-_FADE:] *= ramp[::-1]
    return tone.astype(np.int16)
