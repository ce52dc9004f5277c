"""For how long a voice sounds: speech without its pauses, which are made where a text is cut."""

from functools import cache

import numpy as np

from loadtests.flite import speak
from rtcserver.audio.format import SAMPLE_RATE, Samples

VOICE = "slt"  # what the embedded voice speaks with by default
_WINDOW_MS = 20
_LOUD = 200  # of 32 767


@cache
def spoken_length_s(text: str) -> float:
    """As Flite says it in one breath, in the voice of the server."""
    return sounding_s(speak(text, VOICE))


def sounding_s(samples: Samples) -> float:
    """How much of it is not silent, looked at in steps of 20 ms; 0 for silence."""
    window = SAMPLE_RATE * _WINDOW_MS // 1_000
    whole = samples[: len(samples) // window * window].astype(np.int32).reshape(-1, window)
    loud = np.abs(whole).max(axis=1) > _LOUD if len(whole) else np.zeros(0, dtype=bool)
    return int(loud.sum()) * _WINDOW_MS / 1_000
