"""A microphone that is always on: silence, with utterances in it."""

import numpy as np

from rtcserver.audio.format import Samples, silence


class Microphone:
    """Pure: whoever asks for chunks keeps the time."""

    def __init__(self) -> None:
        self._rest = silence(0)
        self._fresh = False

    def say(self, utterance: Samples) -> None:
        """Speak from the next chunk on; words not yet said are forgotten."""
        self._rest, self._fresh = utterance, True

    def chunk(self, size: int) -> tuple[Samples, bool]:
        """The next `size` samples, and whether an utterance begins with them."""
        speech, self._rest = self._rest[:size], self._rest[size:]
        begins, self._fresh = self._fresh, False
        return np.concatenate((speech, silence(size - len(speech)))), begins
