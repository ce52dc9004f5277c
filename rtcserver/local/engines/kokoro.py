"""Speak with a Kokoro model, an ONNX file with its voices beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE
from rtcserver.errors import ConfigError
from rtcserver.extras import how_to_install
from rtcserver.local.engines.base import Speech, spread
from rtcserver.local.engines.phoneme_times import word_times

if TYPE_CHECKING:
    from kokoro_onnx import Kokoro as Model

_VOICES = "voices*.bin"
_LANGUAGES = dict(a="en-us", b="en-gb", e="es", f="fr-fr", h="hi", i="it", p="pt-br")
"""By the first letter of a voice's name. Japanese and Chinese ("j", "z") need phonemes that the
package cannot make."""
_FAVOURITE = "af_heart"  # the one that the model's authors grade best


class Kokoro:
    """One model with all of its voices. The GIL is released while it speaks."""

    name: str = "kokoro"

    def __init__(self, model: str) -> None:
        """Raises ConfigError without the package, the model or its voices."""
        self._kokoro = _load(Path(model))
        known = [name for name in self._kokoro.get_voices() if name[:1] in _LANGUAGES]
        if not known:
            raise ConfigError(f"no voice beside {model} speaks a language of eSpeak NG's")
        self.voices: tuple[str, ...] = tuple(sorted(known, key=lambda name: name != _FAVOURITE))

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        """Raises RuntimeError."""
        language = _LANGUAGES[voice[0]]
        try:
            phonemes = self._kokoro.tokenizer.phonemize(" ".join(words), language)
            if not phonemes:  # nothing that sounds: it would raise
                return Speech(np.zeros(0, np.int16), SAMPLE_RATE, spread(words, 0.0, 0.0))
            sound, rate_hz, timings = self._kokoro.create_timed(phonemes, voice, is_phonemes=True)
        except Exception as exc:  # onnxruntime's errors have no root of their own
            raise RuntimeError(f"Kokoro could not speak: {exc}") from exc
        samples = np.clip(sound * 32_767, -32_767, 32_767).astype(np.int16)
        told = [(one.phoneme, one.start, one.end) for one in timings]
        return Speech(samples, rate_hz, word_times(words, told, samples, rate_hz))


def _load(model: Path) -> "Model":
    if not model.is_file():
        raise ConfigError(f"there is no {model}: name the .onnx file of a Kokoro model")
    voices = sorted(model.parent.glob(_VOICES))
    if len(voices) != 1:
        raise ConfigError(f"beside {model} must lie one {_VOICES}, there are {len(voices)}")
    try:
        from kokoro_onnx import Kokoro as Model
    except ModuleNotFoundError as exc:
        raise ConfigError(f"Kokoro is missing: {how_to_install('kokoro')}") from exc
    try:
        return Model(str(model), str(voices[0]))
    except Exception as exc:  # of ONNX, of NumPy, of what is missing in them
        raise ConfigError(f"{model} is not a Kokoro model: {exc}") from exc
