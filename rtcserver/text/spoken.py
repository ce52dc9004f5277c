"""Strip a word of what is meant for the eye, so that a voice can say it."""

import re

# Pictographs, dingbats, arrows and flags, each with the selectors and joiners that follow it.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff]"
    "[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    "|[\ufe0e\ufe0f\u20e3]"
)
_FENCE = re.compile(r"`{3,}\S*")
_LINK_TARGET = re.compile(r"(?<=\])\([^)\s]*\)?")
_URL = re.compile(r"https?://(?:www\.)?([^/\s?#)\]:]+)(?::\d+)?(?:[/?#]\S*?)?(?=[.,!?)\]]*$)", re.I)
_EMPHASIS = re.compile(r"[*`]+|~~+|(?<![^\W_])_+|_+(?![^\W_])")
_HEADER = re.compile(r"^#+(?=\D|$)")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": None, "[": None, "]": None}
)
_SAYABLE = re.compile(r"\w|[+=%&@#$€£°×]")


def sayable(word: str) -> bool:
    """Whether there is anything in it for a voice."""
    return bool(_SAYABLE.search(word))


def spoken(word: str) -> str:
    """What to say for one word of a chat model's markdown; "" if there is nothing to say.

    Takes the word with the whitespace before it: a "+" that begins a line is a bullet.
    """
    bare = word.strip()
    if bare == "+" and ("\n" in word or word == bare):
        return ""
    bare = _URL.sub(r"\1", _LINK_TARGET.sub("", _FENCE.sub("", bare)))
    bare = _EMOJI.sub("", bare).translate(_QUOTES)
    bare = _HEADER.sub("", _EMPHASIS.sub("", bare)).strip()
    return bare if sayable(bare) else ""
