"""Tell what a Whisper model has heard from what it has made up.

Trained on subtitles, it answers silence and noise with what subtitles end with, and may say one
phrase again and again.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtcserver.local.stt_words import HeardWord

_WINDOW = 320  # 20 ms at 16 kHz
_FLOOR = 33.0  # RMS of 16-bit samples, -60 dBFS: quieter is silence …
_BELOW_LOUDEST = 0.056  # … and so is what is 25 dB below the loudest

_LEAST_SOUND_S = 0.1  # "hi" has twice as much; a click, a fifth of it
_NO_SPEECH, _UNSURE = 0.6, -1.0  # OpenAI's own thresholds, decoding.py …
_REPETITIVE = 2.4  # … of whisper/transcribe.py
_BRIEF_S = 0.5
_DOUBTFUL = 0.3
_BOILERPLATE = frozenset(
    {
        *("you", "thank you", "thanks", "bye", "the end", "thank you very much"),
        *("thanks for watching", "thank you for watching", "please subscribe"),
        *("subtitles by the amara.org community", "see you next time"),
    }
)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What one pass has found in a clip; times are seconds of the clip."""

    text: str
    words: tuple[HeardWord, ...]
    sureness: float
    """Mean log probability of its tokens."""
    no_speech: float
    """Probability that nobody has spoken."""
    endless: bool
    """Whether it went on until it had said more than anybody can in the time."""


def sound_s(samples: NDArray[np.int16]) -> float:
    """Seconds of it that are loud, at 16 kHz."""
    whole = len(samples) - len(samples) % _WINDOW
    if not whole:
        return 0.0
    windows = samples[:whole].reshape(-1, _WINDOW).astype(np.float64)
    levels = np.sqrt(np.mean(windows * windows, axis=1))
    loud = levels > max(_FLOOR, _BELOW_LOUDEST * float(levels.max()))
    return float(np.count_nonzero(loud)) * _WINDOW / 16_000


def too_short(sound: float) -> bool:
    """Whether `sound` seconds are too few for any word: the model need not be asked."""
    return sound < _LEAST_SOUND_S


def why_made_up(found: Hypothesis, sound: float) -> str | None:
    """The first rule that holds for it; None if it is to be believed."""
    return next((why for why, holds in _RULES.items() if holds(found, sound)), None)


def _unheard(found: Hypothesis, _sound: float) -> bool:
    return found.no_speech > _NO_SPEECH and found.sureness < _UNSURE


def _endless(found: Hypothesis, _sound: float) -> bool:
    """A phrase said again and again in a clip so short that it cannot be told by repetition."""
    return found.endless


def _repetitive(found: Hypothesis, _sound: float) -> bool:
    text = found.text.encode()
    return len(text) > _REPETITIVE * len(zlib.compress(text))


def _boilerplate(found: Hypothesis, sound: float) -> bool:
    """Said for true, it is longer than a noise, and the model has no doubt about it."""
    bare = " ".join(found.text.lower().strip(" .!?…").split())
    return bare in _BOILERPLATE and (sound < _BRIEF_S or found.no_speech > _DOUBTFUL)


_RULES: dict[str, Callable[[Hypothesis, float], bool]] = {
    "no speech": _unheard,
    "does not end": _endless,
    "repeats itself": _repetitive,
    "ends a film": _boilerplate,
}
