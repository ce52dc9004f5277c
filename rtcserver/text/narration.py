"""Turn the words a chat model writes into the words a voice says, as they come.

What is meant for the eye alone is left out: markup, code blocks, the targets of links, pictures.
Addresses and dates are said as people say them, numbers if the voice cannot read them itself.
"""

import re
from collections.abc import Callable

from rtcserver.text.addresses import read_out
from rtcserver.text.markup import without_markup
from rtcserver.text.spoken import sayable, spoken

Spell = Callable[[str], str]
"""A word that has no blank, with its numbers written out, if it has any."""

_FENCE = re.compile(r"(`{3,}|~{3,})")
_TARGET = re.compile(r"\]\([^)\s]*$")
# So much in a row is no target of a link: somebody wrote "](" and meant it.
_LONGEST_TARGET = 8  # words


def as_written(word: str) -> str:
    return word


class Narration:
    """One reply. Feed it the words in order, each with the white space before it."""

    def __init__(self, spell: Spell = as_written) -> None:
        self._spell = spell
        self._fence = ""
        self._target = 0
        self._begun = False

    def push(self, word: str) -> tuple[str, ...]:
        """The words to say for this one; none if it is for the eye."""
        begins_line = not self._begun or "\n" in word
        self._begun = True
        said: list[str] = []
        for piece in _FENCE.split(word):
            if _FENCE.fullmatch(piece):
                self._toggle(piece[0], begins_line)
            elif not self._fence:
                said += self._say(piece)
            begins_line = begins_line and not piece.strip()
        return tuple(said)

    def _toggle(self, mark: str, begins_line: bool) -> None:
        """A block begins with its line, and ends with the mark that began it."""
        if not self._fence and begins_line:
            self._fence = mark
        elif self._fence == mark:
            self._fence = ""

    def _say(self, piece: str) -> list[str]:
        if self._target:
            piece = self._after_target(piece)
        if opened := _TARGET.search(piece):
            self._target = _LONGEST_TARGET
            piece = piece[: opened.start()]
        return [
            part
            for cell in _cells(without_markup(piece))
            if (bare := spoken(cell))
            for word in filter(sayable, bare.split())
            for whole in read_out(word)
            for part in self._spell(whole).split()
        ]

    def _after_target(self, piece: str) -> str:
        """What follows the target of a link whose title has blanks."""
        _, end, rest = piece.partition(")")
        self._target = 0 if end else self._target - 1
        return rest


def _cells(word: str) -> list[str]:
    """Those of a table's row; any other word is one."""
    bare = word.strip()
    return bare.split("|") if bare.startswith("|") or bare.endswith("|") else [word]
