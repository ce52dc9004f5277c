"""Measure how soon a chat model speaks, from the request on."""

from rtcserver import metrics
from rtcserver.services.llm.base import ChatEvent, TextDelta
from rtcserver.text.words import WordCutter
from rtcserver.timer import Stopwatch


class Speed:
    """Of one reply."""

    def __init__(self) -> None:
        self._watch = Stopwatch()
        self._cutter = WordCutter()
        self._spoke = False
        self._worded = False

    def of(self, events: list[ChatEvent]) -> list[ChatEvent]:
        """The same events, seen."""
        for event in events:
            if isinstance(event, TextDelta):
                self._text_came(event.text)
        return events

    def to_the_end(self, events: list[ChatEvent]) -> list[ChatEvent]:
        """The last ones; a reply of one word is whole only now."""
        self.of(events)
        self._words_came(self._cutter.flush())
        return events

    def _text_came(self, text: str) -> None:
        if not self._spoke:
            self._spoke = True
            metrics.LLM_FIRST_TOKEN_SECONDS.observe(self._watch.elapsed())
        if not self._worded:
            self._words_came(self._cutter.push(text))

    def _words_came(self, words: list[str]) -> None:
        if words and not self._worded:
            self._worded = True
            metrics.LLM_FIRST_WORD_SECONDS.observe(self._watch.elapsed())
