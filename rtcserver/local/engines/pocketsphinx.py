"""Recognise speech with PocketSphinx. Holds the GIL: only for processes of its own."""

from pocketsphinx import set_loglevel

from rtcserver.local.cepstral_mean import PRIOR, learn
from rtcserver.local.engines.sphinx_search import FreeSearch, PhraseSearch, Search
from rtcserver.local.stt_phrases import GRAMMAR, sounds_like
from rtcserver.local.stt_words import HeardWord

_OPENING_S = 1.0
"""Of an utterance, listened to before its first word is looked for: 0.4 s before the onset and
two syllables tell enough of the cepstral mean. With 0.8 s there are half as many errors again in a
caller's first words. To catch up takes 90 ms; the end of an utterance is noticed after 200 ms."""


class Recogniser:
    """One caller's, for free speech with an ear for phrases. A fork shares most of its memory."""

    def __init__(self, rate_hz: int) -> None:
        set_loglevel("FATAL")
        self._free = FreeSearch(rate_hz)
        self._phrases = PhraseSearch(rate_hz, GRAMMAR)
        self._mean = PRIOR
        self._opening_bytes = 2 * round(_OPENING_S * rate_hz)
        self._opening = b""
        self._searching = False
        self._start_s: float | None = None

    def feed(self, pcm: bytes, start_s: float) -> None:
        """Mono 16-bit audio that continues the utterance, or starts one at `start_s`."""
        if self._start_s is None:
            self._start_s = start_s
        if self._searching:
            self._push(pcm)
            return
        self._opening += pcm
        if len(self._opening) >= self._opening_bytes:
            self._begin()

    def words(self) -> list[HeardWord]:
        """The best guess of the utterance so far."""
        if self._start_s is None or not self._searching:
            return []
        return self._free.words(self._start_s)

    def end(self) -> list[HeardWord]:
        """Finish the utterance: all of its words."""
        if self._start_s is None:
            return []
        if not self._searching:
            self._begin()
        for search in (self._free, self._phrases):
            search.end()
        words = self._judge().words(self._start_s)
        self._start_s, self._searching = None, False
        return words

    def _begin(self) -> None:
        """Learn from the opening, and only then look for its words."""
        moved, frames = self._phrases.moved(self._mean, self._opening[: self._opening_bytes])
        self._mean = learn(self._mean, moved, frames)
        for search in (self._free, self._phrases):
            search.begin(self._mean)
        self._searching = True
        self._push(self._opening)
        self._opening = b""

    def _push(self, pcm: bytes) -> None:
        for search in (self._free, self._phrases):
            search.push(pcm)

    def _judge(self) -> Search:
        """A phrase, if it is one and sounds like what was heard without the grammar."""
        phrase = self._phrases.sounds() if self._phrases.complete() else []
        return self._phrases if sounds_like(self._free.sounds(), phrase) else self._free
