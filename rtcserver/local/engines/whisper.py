"""Recognise speech with a Whisper model that all callers share, by CTranslate2.

One pass is one window of 30 s, whatever of it is silent: the model is asked once, and not led on
from segment to segment as faster_whisper.WhisperModel.transcribe does, which repeats words at the
end of short audio and costs as many passes as it finds segments.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import merge_punctuations
from numpy.typing import NDArray

from rtcserver.errors import ConfigError
from rtcserver.local.stt_words import HeardWord
from rtcserver.local.whisper_guards import Hypothesis

# English is spoken with at most 5 to 6 words a second. Elsewhere a token may be a single byte, and
# a letter three of them.
_ENGLISH_TOKENS_PER_S, _TOKENS_PER_S, _MORE_TOKENS = 8, 30, 10
# Words are placed best if silence follows the last one: the padding has enough of it.
_SILENT_FRAMES, _MOST_FRAMES = 60, 3_000  # of 10 ms
_MOST_TOKENS = 224  # half of what the decoder can hold, as OpenAI's
_PRACTICE_S, _PRACTICE_TOKENS = 5, 50  # a long sentence, spoken as fast as anybody can
_PREPENDED, _APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"  # punctuation is no word


Clip = NDArray[np.int16]
"""Up to 30 s at 16 kHz."""


class Whisper:
    """Safe to be used by as many threads at once as it has lanes."""

    def __init__(self, folder: Path, language: str, lanes: int, threads: int) -> None:
        """`language` as "en"; empty is found out for each clip. On a CPU, `lanes` passes run at
        once with `threads` each. Raises ConfigError."""
        try:
            self._model = WhisperModel(
                str(folder),
                compute_type="auto",  # int8 on a CPU that can, half floats on a GPU
                num_workers=lanes,
                cpu_threads=threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as exc:
            raise ConfigError(f"{folder} cannot be loaded: {exc}") from exc
        if language and language not in self._model.supported_languages:
            raise ConfigError(f"the model in {folder} does not know the language {language!r}")
        self._language = language if self._model.model.is_multilingual else "en"
        self._tokenizers: dict[str, Tokenizer] = {}

    @property
    def on_gpu(self) -> bool:
        return bool(self._model.model.device == "cuda")

    def hear(self, clips: Sequence[Clip]) -> list[Hypothesis]:
        """What each clip says, all in one pass. The likeliest token is taken each time: five beams
        cost two thirds more of a CPU."""
        return self._hear(clips, None)

    def practise(self) -> Hypothesis:
        """One pass at the full cost of a long sentence: over noise, and never ended by the model.

        Of silence it would find no token, and those are half of what a pass costs."""
        noise = np.random.default_rng(0).normal(0, 3_000, _PRACTICE_S * 16_000)
        return self._hear([noise.astype(np.int16)], _PRACTICE_TOKENS)[0]

    def _hear(self, clips: Sequence[Clip], tokens: int | None) -> list[Hypothesis]:
        """Finds `tokens` in each, or as many as the model wants."""
        features = [self._model.feature_extractor(_floats(clip)) for clip in clips]
        frames = [min(feature.shape[-1] + _SILENT_FRAMES, _MOST_FRAMES) for feature in features]
        encoded = self._model.encode(np.stack([pad_or_trim(feature) for feature in features]))
        languages = self._languages(encoded, len(clips))
        if len(set(languages)) > 1:  # words are cut and placed by the rules of one language
            return [found for clip in clips for found in self._hear([clip], tokens)]
        tokenizer = self._tokenizer(languages[0])
        limits = [tokens or _most_tokens(clip, languages[0]) for clip in clips]
        results = self._model.model.generate(
            encoded,
            [[*tokenizer.sot_sequence, tokenizer.no_timestamps]] * len(clips),
            beam_size=1,
            max_length=2 * max(limits),  # CTranslate2 takes half of it for a prompt
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=[-1, tokenizer.eot] if tokens else [-1],
        )
        texts = [[t for t in result.sequences_ids[0] if t < tokenizer.eot] for result in results]
        words = self._words(tokenizer, texts, encoded, frames)
        return [
            Hypothesis(
                tokenizer.decode(text).strip(),
                found,
                sureness=_sureness(result),
                no_speech=float(result.no_speech_prob),
                endless=limit <= len(result.sequences_ids[0]) < _MOST_TOKENS,
            )
            for text, found, result, limit in zip(texts, words, results, limits, strict=True)
        ]

    def _languages(self, encoded: Any, clips: int) -> list[str]:
        if self._language:
            return [self._language] * clips
        return [best[0][0].strip("<|>") for best in self._model.model.detect_language(encoded)]

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer,
                self._model.model.is_multilingual,
                task="transcribe",
                language=language,
            )
        return self._tokenizers[language]

    def _words(
        self, tokenizer: Tokenizer, texts: list[list[int]], encoded: Any, frames: list[int]
    ) -> list[tuple[HeardWord, ...]]:
        """Each text's words, in seconds of its clip."""
        if not any(texts):
            return [()] * len(texts)
        words = []
        for alignment in self._model.find_alignment(tokenizer, texts, encoded, frames):
            merge_punctuations(alignment, _PREPENDED, _APPENDED)
            words.append(tuple(_word(entry) for entry in alignment if entry["word"].strip()))
        return words


def _word(entry: dict[str, Any]) -> HeardWord:
    return HeardWord(entry["word"].strip(), float(entry["start"]), float(entry["end"]))


def _floats(clip: Clip) -> NDArray[np.float32]:
    return clip.astype(np.float32) / np.float32(32_768)


def _most_tokens(clip: Clip, language: str) -> int:
    per_s = _ENGLISH_TOKENS_PER_S if language == "en" else _TOKENS_PER_S
    return min(_MOST_TOKENS, _MORE_TOKENS + len(clip) * per_s // 16_000)


def _sureness(result: Any) -> float:
    """The mean log probability of its tokens, their end included."""
    tokens = len(result.sequences_ids[0])
    return float(result.scores[0]) * tokens / (tokens + 1) if tokens else 0.0
