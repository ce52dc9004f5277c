"""Gather words into clauses to be spoken: the first one soon, later ones whole."""

import re

Clause = tuple[str, ...]

_FIRST_WORDS = 3  # fewer sound chopped, unless waiting for more would be heard
_FIRST_WAIT_S = 0.25
_LONG_CHARS = 120  # from here on the end of a clause will do …
_LONGEST_CHARS = 240  # … and from here on the end of a word
_CLOSERS = "\"'”’)]}*_"
_CLAUSE_MARKS = (",", ";", ":", "—", "–")
_SENTENCE_MARKS = (".", "!", "?", "…", "。", "！", "？")
# What ends in a full stop that ends no sentence: titles, shortenings, and initials ("J.", "U.S.").
# "No." and "sun." are words more often than they are shortenings.
_SHORTENED = re.compile(
    r"(?:mrs?|ms|dr|prof|sr|jr|st|mt|rev|hon|gen|col|capt|lt|sgt|etc|vs|cf|al|approx|vol|pp|ca"
    r"|inc|ltd|co|corp|dept|ave|blvd|rd|jan|feb|apr|aug|sept?|oct|nov|dec|tues?|thu(?:rs?)?"
    r"|(?:[a-z]\.)*[a-z])\.",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\d{1,2}\.")  # "1." numbers what follows, if a clause begins with it


class ClauseCutter:
    """Each clause is cut once; nothing is said twice or left out. Call flush() at the end."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._first = True
        self._since = 0.0

    def push(self, word: str, now: float) -> Clause | None:
        """Add a word; the clause that is ready with it, if one is."""
        if not self._words:
            self._since = now
        self._words.append(word)
        return self.flush() if self._ready(word) else None

    def due(self, now: float) -> Clause | None:
        """The clause whose deadline has come, if one has."""
        deadline = self.deadline()
        return self.flush() if deadline is not None and now >= deadline else None

    def deadline(self) -> float | None:
        """When to call due(): only the first clause is worth hurrying for."""
        return self._since + _FIRST_WAIT_S if self._first and self._words else None

    def flush(self) -> Clause | None:
        """All words there are, if any."""
        if not self._words:
            return None
        clause, self._words, self._first = tuple(self._words), [], False
        return clause

    def _ready(self, word: str) -> bool:
        chars = sum(map(len, self._words)) + len(self._words)
        if chars > _LONGEST_CHARS:
            return True
        if self._first:
            return len(self._words) >= _FIRST_WORDS and ends_clause(word)
        if len(self._words) == 1 and _ITEM.fullmatch(word):
            return False
        return ends_sentence(word) or (chars > _LONG_CHARS and ends_clause(word))


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with this word. In doubt it does not: the next mark decides."""
    bare = word.rstrip(_CLOSERS)
    if not bare.endswith("."):
        return bare.endswith(_SENTENCE_MARKS)
    return bare.endswith("..") or not _SHORTENED.fullmatch(bare.lstrip("\"'“‘(["))


def ends_clause(word: str) -> bool:
    """Whether a voice may pause after this word."""
    return word.rstrip(_CLOSERS).endswith(_CLAUSE_MARKS) or ends_sentence(word)
