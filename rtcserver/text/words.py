"""Cut a stream of tokens into whole words."""

import re

# A word is whole once whitespace follows it. Chinese and Japanese have none: there a sentence
# mark ends it. Nothing sayable is longer than 64: garbage must not be held back for ever.
_WORD = re.compile(r"\s*(?:\S*?[。！？，、；：]|\S{64}|\S+(?=\s))")


class WordCutter:
    """Words keep the whitespace before them, so that joined they are the text again."""

    def __init__(self) -> None:
        self._rest = ""

    def push(self, token: str) -> list[str]:
        """The words that this token completes."""
        text, end, words = self._rest + token, 0, []
        while whole := _WORD.match(text, end):
            words.append(whole.group())
            end = whole.end()
        self._rest = text[end:]
        return words

    def flush(self) -> list[str]:
        """The last word, if there is one; trailing whitespace is none."""
        word, self._rest = self._rest.rstrip(), ""
        return [word] if word else []
