"""Speak with a Piper voice, an ONNX model with its JSON beside it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rtcserver.audio.format import Samples
from rtcserver.errors import ConfigError
from rtcserver.extras import how_to_install
from rtcserver.local.engines.base import Speech
from rtcserver.local.engines.phoneme_times import Phoneme, word_times

if TYPE_CHECKING:
    from piper import AudioChunk, PiperVoice

_OFFLINE = ("espeak", "text")  # for phonemes of other kinds Piper fetches models from the network
_BOUNDS = frozenset("^$_")  # begin, end and padding: no sounds


class Piper:
    """One model; a voice is one of its speakers. The GIL is released while it speaks."""

    name: str = "piper"

    def __init__(self, model: str) -> None:
        """Raises ConfigError without the package, or unless `model` is a voice of Piper's."""
        self._piper = _load(Path(model))
        config = self._piper.config
        if config.phoneme_type.value not in _OFFLINE:
            raise ConfigError(
                f"{model} needs phonemes of another kind: {config.phoneme_type.value}"
            )
        self._speakers = config.speaker_id_map if config.num_speakers > 1 else {}
        by_number = sorted(self._speakers, key=lambda name: self._speakers[name])
        self.voices: tuple[str, ...] = tuple(by_number) or (Path(model).stem,)

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        """Raises RuntimeError."""
        from piper import SynthesisConfig

        config = SynthesisConfig(speaker_id=self._speakers.get(voice))
        try:
            chunks = list(self._piper.synthesize(" ".join(words), config, include_alignments=True))
        except Exception as exc:  # onnxruntime's errors have no root of their own
            raise RuntimeError(f"Piper could not speak: {exc}") from exc
        rate_hz = self._piper.config.sample_rate
        parts = [np.zeros(0, np.int16), *(chunk.audio_int16_array for chunk in chunks)]
        samples: Samples = np.concatenate(parts)
        times = word_times(words, _phonemes(chunks, rate_hz), samples, rate_hz)
        return Speech(samples, rate_hz, times)


def _phonemes(chunks: Sequence["AudioChunk"], rate_hz: int) -> Iterator[Phoneme]:
    """What sounds when, sentence after sentence; none of a model that tells no lengths."""
    begin = 0
    for chunk in chunks:
        at = begin
        for phoneme in chunk.phoneme_alignments or ():
            stop = at + int(phoneme.num_samples)
            if phoneme.phoneme not in _BOUNDS:
                yield phoneme.phoneme, at / rate_hz, stop / rate_hz
            at = stop
        yield " ", at / rate_hz, at / rate_hz
        begin += len(chunk.audio_float_array)


def _load(model: Path) -> "PiperVoice":
    beside = Path(f"{model}.json")
    for file in (model, beside):
        if not file.is_file():
            raise ConfigError(f"there is no {file}: Piper needs voice.onnx and voice.onnx.json")
    try:
        from piper import PiperVoice
    except ModuleNotFoundError as exc:
        raise ConfigError(f"Piper is missing: {how_to_install('piper')}") from exc
    try:
        json.loads(beside.read_bytes())
    except ValueError as exc:
        raise ConfigError(f"{beside} is not the JSON of a Piper voice: {exc}") from exc
    try:
        return PiperVoice.load(model, include_alignments=True)
    except Exception as exc:  # of JSON, of ONNX, of what is missing in them
        raise ConfigError(f"{model} is not a Piper voice: {exc}") from exc
