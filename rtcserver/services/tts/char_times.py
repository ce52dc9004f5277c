"""Make words with their times of characters with theirs. Pure."""

from collections.abc import Sequence

from rtcserver.services.tts.base import SpokenWord

_LONGEST_S = 120.0  # of one chunk; what claims to be longer is not believed


class CharTimes:
    """Of one response, whose characters come in chunks that may end within a word."""

    def __init__(self) -> None:
        self._word, self._start_s, self._stop_s = "", 0.0, 0.0
        self._aligned_s = 0.0

    def push(
        self,
        chars: Sequence[str],
        starts_ms: Sequence[float],
        durations_ms: Sequence[float],
        spoken_s: float,
    ) -> list[SpokenWord]:
        """The words that are whole now. Times count from the beginning of the chunk, before which
        `spoken_s` seconds of audio came.

        The times of a chunk may reach beyond its audio, and its audio beyond its times: so it
        begins where the longer of both has ended."""
        spans = [
            (char, start_ms / 1000, (start_ms + duration_ms) / 1000)
            for char, start_ms, duration_ms in zip(chars, starts_ms, durations_ms, strict=False)
        ]
        if not all(0 <= start_s <= stop_s <= _LONGEST_S for _, start_s, stop_s in spans):
            return []
        base_s, words = max(self._aligned_s, spoken_s), []
        for char, start_s, stop_s in spans:
            words += self._take(char, base_s + start_s, base_s + stop_s)
            self._aligned_s = base_s + stop_s
        return words

    def end(self) -> list[SpokenWord]:
        """The last word, if there is one."""
        word, self._word = self._word, ""
        return [SpokenWord(word, self._start_s, self._stop_s)] if word else []

    def _take(self, char: str, start_s: float, stop_s: float) -> list[SpokenWord]:
        if not char.strip():
            return self.end()
        if not self._word:
            self._start_s = start_s
        self._word += char
        self._stop_s = stop_s
        return []
