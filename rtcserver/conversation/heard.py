"""What one assistant item says, and how much of it was heard."""

from bisect import bisect_right
from collections.abc import Sequence

from rtcserver.audio.format import seconds
from rtcserver.text.script import Script


class Utterance:
    """Text as it was generated, laid against the audio that speaks it.

    A word is heard once half of it has been played. Until the first word times have come,
    characters stand in for time.
    """

    def __init__(self) -> None:
        self.text = ""
        self.samples = 0
        self.whole = False  # all of its audio has been made
        self.first_word_end_s: float | None = None
        self._middles: list[float] = []  # when half of each word has sounded, ascending
        self._ends: list[int] = []  # where the text ends that has been said by then
        self._script = Script()

    def add_text(self, delta: str, said: Sequence[str] = ()) -> None:
        """`said` are the words that a voice says for it."""
        start, self.text = len(self.text), (self.text + delta).lstrip()
        self._script.add(said, start, len(self.text))

    def add_word(self, word: str, start_s: float, stop_s: float) -> None:
        """Words come in the order in which they are spoken."""
        end = self._script.follow(word)
        if end is None:
            return
        if self.first_word_end_s is None:
            self.first_word_end_s = stop_s
        self._middles.append(max((start_s + stop_s) / 2, self._middles[-1] if self._middles else 0))
        self._ends.append(end)

    def add_audio(self, samples: int) -> None:
        self.samples += samples

    def break_off(self) -> None:
        """Forget the words that no audio has been made of; others may follow. Where there is audio
        without word times, nobody knows which they are."""
        if self.samples and not self._ends:
            return
        self._script.forget()
        spoken = bisect_right(self._middles, seconds(self.samples)) if self.samples else 0
        del self._middles[spoken:], self._ends[spoken:]
        self.text = self.text[: self._ends[-1]] if self._ends else ""

    def heard(self, played: int) -> str:
        """The prefix of the text that `played` samples let be heard."""
        if not self.samples:
            return ""
        if self.whole and played >= self.samples:
            return self.text
        if not self._ends:
            return self._by_length(played)
        words = bisect_right(self._middles, seconds(played))
        return self.text[: self._ends[words - 1]] if words else ""

    def _by_length(self, played: int) -> str:
        cut = len(self.text) * played // self.samples
        return self.text[:cut].rpartition(" ")[0]
