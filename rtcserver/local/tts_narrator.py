"""Speak one response clause by clause, as one stretch of 24 kHz frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, Samples, seconds
from rtcserver.audio.framing import Framer
from rtcserver.audio.resample import Resampler
from rtcserver.local.engines.base import Speech, SpeechEngine
from rtcserver.text.clauses import ends_clause, ends_sentence

# Engines put a fifth of a second of silence around whatever they speak. We cut their clauses
# where it suits us, so the pauses are ours to make as well.
_LEAD_SEC = 0.04
_PAUSE_SENTENCE_SEC = 0.3
_PAUSE_CLAUSE_SEC = 0.12
_PAUSE_NONE_SEC = 0.02


@dataclass(frozen=True, slots=True)
class Narrated:
    """What a clause added: words with the seconds of the response they sound at, and frames."""

    words: tuple[tuple[str, float, float], ...] = ()
    frames: tuple[Samples, ...] = ()


class Narrator:
    """One response in one voice. Blocks while the engine speaks."""

    def __init__(self, engine: SpeechEngine, voice: str) -> None:
        self._engine = engine
        self._voice = voice
        self._framer = Framer()
        self._length = 0

    def speak(self, clause: Sequence[str]) -> Narrated:
        """Raises RuntimeError if the engine cannot."""
        speech = _with_our_pauses(self._engine.speak(clause, self._voice), clause[-1])
        resampler = Resampler(speech.rate_hz, SAMPLE_RATE)
        samples = np.concatenate((resampler.push(speech.samples), resampler.flush()))
        begin_s = seconds(self._length)
        self._length += len(samples)
        words = tuple(
            (word, begin_s + start_s, begin_s + stop_s)
            for word, (start_s, stop_s) in zip(clause, speech.times, strict=True)
        )
        return Narrated(words, tuple(self._framer.push(samples)))

    def finish(self) -> Narrated:
        """The rest of the last clause, filled up to a whole frame."""
        last = self._framer.pad()
        return Narrated(frames=() if last is None else (last,))


def _with_our_pauses(speech: Speech, last_word: str) -> Speech:
    """Cut the silence before the first word, and cut or stretch that after the last."""
    cut_s = max(0.0, speech.times[0][0] - _LEAD_SEC)
    end_s = speech.times[-1][1] + _pause_sec(last_word)
    start, stop = int(cut_s * speech.rate_hz), int(end_s * speech.rate_hz)
    kept = speech.samples[start:stop]
    missing = np.zeros(stop - start - len(kept), np.int16)
    times = tuple((begin_s - cut_s, stop_s - cut_s) for begin_s, stop_s in speech.times)
    return Speech(np.concatenate((kept, missing)), speech.rate_hz, times)


def _pause_sec(word: str) -> float:
    if ends_sentence(word):
        return _PAUSE_SENTENCE_SEC
    return _PAUSE_CLAUSE_SEC if ends_clause(word) else _PAUSE_NONE_SEC
