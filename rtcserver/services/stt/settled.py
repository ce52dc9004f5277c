"""What of a recogniser's changing results is certain, and which flushes that answers. Pure."""

from collections import deque

from rtcserver.services.stt.deepgram_wire import Results, Timed
from rtcserver.turns.hearing import Word

_ROUNDING_S = 0.02  # by which its times differ from ours: it writes 3.6000004 for 3.6
_FLUSHES = 16  # more than one at a time is rare


class Settled:
    """Of one connection. Seconds count the audio that was sent."""

    def __init__(self) -> None:
        self._draft: list[Timed] = []
        self._said_s = 0.0
        self._flushes: deque[tuple[int, float]] = deque(maxlen=_FLUSHES)

    def flush(self, mark: int, sent_s: float) -> None:
        """Asked for all words of the audio up to `sent_s`."""
        self._flushes.append((mark, sent_s))

    def take(self, results: Results, sent_s: float) -> list[Word]:
        """The words that will not change any more. Each is told once, whatever is repeated."""
        news = [timed for timed in results.words() if timed.middle_s > self._said_s]
        if not results.is_final:
            self._draft = news
            return []
        self._draft = []
        self._said_s = max(self._said_s, min(results.end_s, sent_s))
        return _bare(news)

    def answered(self, results: Results) -> list[int]:
        """Marks of the flushes that these results answer.

        A Finalize that finds nothing to do may go unanswered, so they are told apart by time."""
        if not results.is_final:
            return []
        marks = [mark for mark, to_s in self._flushes if to_s <= results.end_s + _ROUNDING_S]
        if results.from_finalize and not marks and self._flushes:
            marks = [self._flushes[0][0]]
        self._forget(len(marks))
        return marks

    def give_up(self, mark: int) -> list[Word]:
        """No answer comes to this flush: the words of the last draft are as good as it gets for
        all of the audio up to it."""
        marks = [flush for flush, _ in self._flushes]
        asked = marks.index(mark) + 1 if mark in marks else 0
        to_s = self._flushes[asked - 1][1] if asked else 0.0
        self._forget(asked)
        words, self._draft = self._draft, []
        if words:
            self._said_s = max(self._said_s, to_s, words[-1].middle_s)
        return _bare(words)

    def _forget(self, flushes: int) -> None:
        for _ in range(flushes):
            self._flushes.popleft()


def _bare(words: list[Timed]) -> list[Word]:
    return [timed.word for timed in words if timed.word.text]
