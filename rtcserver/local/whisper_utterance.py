"""One utterance as Whisper hears it: its sound so far, and what is certain of its words."""

import numpy as np
from numpy.typing import NDArray

from rtcserver.local.stt_agreement import Agreement
from rtcserver.local.stt_words import HeardWord
from rtcserver.local.stt_worker_wire import RATE_HZ
from rtcserver.local.whisper_guards import Hypothesis, sound_s, too_short, why_made_up

_STEP_S = 0.5  # of new sound for each guess; two that agree make a word certain
_REST = 2.0  # a caller's guesses take at most half of a lane
_LONGEST_S = 30.0  # the model's window


class Utterance:
    def __init__(self, start_s: float) -> None:
        """`start_s`: where in the call it begins."""
        self._start_s = start_s
        self._pcm = bytearray()
        self._seen = 0
        self._step_s = _STEP_S
        self._agreement = Agreement()

    def push(self, pcm: bytes) -> None:
        """Mono, 16 bit, 16 kHz. What exceeds the model's window is dropped."""
        room = int(_LONGEST_S * RATE_HZ) * 2 - len(self._pcm)
        self._pcm += pcm[:room]

    def wants_a_guess(self) -> bool:
        """Whether there is enough that no pass has heard yet."""
        return len(self._pcm) - self._seen >= 2 * RATE_HZ * self._step_s

    def sound(self) -> NDArray[np.int16] | None:
        """All of it so far, to be heard now; None if there is nothing in it worth a pass."""
        self._seen = len(self._pcm)
        samples = np.frombuffer(bytes(self._pcm), np.int16)
        return None if too_short(sound_s(samples)) else samples

    def guessed(self, found: Hypothesis, heard: NDArray[np.int16], took_s: float) -> str | None:
        """Take in a pass over `heard` that `took_s`; why it is not believed, if it is not."""
        self._step_s = max(_STEP_S, _REST * took_s)
        why = why_made_up(found, sound_s(heard))
        self._agreement.partial([] if why else found.words)
        return why

    def finished(self, found: Hypothesis, heard: NDArray[np.int16]) -> str | None:
        """Take in the last pass; why it is not believed, if it is not."""
        why = why_made_up(found, sound_s(heard))
        if why is None:
            self._agreement.final(found.words)
        return why

    def words(self) -> list[HeardWord]:
        """Those that are certain, in seconds of the call."""
        return [
            HeardWord(word.text, self._start_s + word.start_s, self._start_s + word.stop_s)
            for word in self._agreement.committed
        ]
