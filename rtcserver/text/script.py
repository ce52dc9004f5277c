"""Find the place in a text at which a voice is, by the words it says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_AHEAD = 8  # words a voice may leave out in a row


@dataclass
class Script:
    """What a voice was given to say, and where in the written text each word of it ends."""

    _words: list[tuple[str, int]] = field(default_factory=list)
    _next: int = 0
    _lost: int = 0  # words in a row that were not found
    _rest: str = ""  # of the word before, if the voice says it in parts

    def add(self, said: Sequence[str], start: int, end: int) -> None:
        """`said` is spoken for text[start:end]. That counts as said with half of the words."""
        for number, word in enumerate(said):
            is_said = 2 * (number + 1) >= len(said)
            self._words.append((_letters(word), end if is_said else start))

    def follow(self, word: str) -> int | None:
        """The voice has said `word`, which it may have changed: the end of the text that it has
        come to. None if it says more than it was given.

        The first word that is not found stands for the next one, and those after it for no more:
        a voice may make many words of one."""
        letters = _letters(word)
        if self._rest and self._rest.startswith(letters):
            self._rest = self._rest[len(letters) :]
            return self._words[self._next - 1][1]
        found = self._find(letters)
        self._lost = self._lost + 1 if found is None else 0
        if self._next == len(self._words):
            return None
        if self._lost > 1:
            return self._words[self._next - 1][1]
        found = self._next if found is None else found
        self._next = found + 1
        whole, end = self._words[found]
        self._rest = whole[len(letters) :] if whole.startswith(letters) else ""
        return end

    def forget(self) -> None:
        """Nothing more of what is left will be said."""
        del self._words[self._next :]
        self._rest, self._lost = "", 0

    def _find(self, letters: str) -> int | None:
        """The next word that is spelt so."""
        for number in range(self._next, min(self._next + _AHEAD + self._lost, len(self._words))):
            if self._words[number][0] == letters:
                return number
        return None


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold())) or word.strip()
