"""Make the WAV of a microphone: Flite's speech, with exact pauses.

`python -m tests.speech OUT.wav 1.5 "hello there" 8 "goodbye" 3`: numbers are seconds of silence.
"""

import sys
import wave
from pathlib import Path

import numpy as np

from loadtests.flite import speak
from rtcserver.audio.format import SAMPLE_RATE, Samples, from_milliseconds, silence
from rtcserver.audio.resample import Resampler

VOICE = "rms"  # the one that the built-in recogniser gets word for word
# A person at a microphone is 9 dB quieter than Flite; the recogniser, which starts out from the
# level of people, mishears some loud sentences.
_GAIN = 0.35
_LOUD = 200  # of 32 767: Flite's own silence is digital
_WAV_RATE = 48_000  # what Chromium's fake microphone runs at


def utterance(text: str, voice: str = VOICE) -> Samples:
    """The words at the level of a person, no silence around. Raises OSError without libflite1."""
    return (trimmed(speak(text, voice)) * _GAIN).astype(np.int16)


def trimmed(samples: Samples) -> Samples:
    """From the first loud sample to the last; empty if there is none."""
    loud = np.flatnonzero(np.abs(samples) > _LOUD)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else silence(0)


def script(*parts: str | float) -> Samples:
    """Texts are spoken, numbers are seconds of silence."""
    return np.concatenate(
        [
            utterance(part)
            if isinstance(part, str)
            else silence(from_milliseconds(round(part * 1_000)))
            for part in parts
        ]
    )


def write_wav(path: Path, samples: Samples) -> Path:
    """Write 24 kHz samples as mono 48 kHz; returns `path`."""
    resampler = Resampler(SAMPLE_RATE, _WAV_RATE)
    pcm = np.concatenate((resampler.push(samples), resampler.flush()))
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(_WAV_RATE)
        wav.writeframes(pcm.astype("<i2").tobytes())
    return path


def _part(word: str) -> str | float:
    try:
        return float(word)
    except ValueError:
        return word


if __name__ == "__main__":
    write_wav(Path(sys.argv[1]), script(*map(_part, sys.argv[2:])))
