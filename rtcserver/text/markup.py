"""Take out of a word the markup that only a page can show."""

import re

_AUTOLINK = re.compile(r"<((?:https?:|mailto:)[^<>\s]+|[^<>@\s]+@[^<>\s]+)>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:br|p|div|li|[uo]l|h[1-6r]|t[rdh])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(?<=[^\s\[])\[\^?\d+\](?!\()|\[\^\w+\]:?")
_PICTURE = re.compile(r"!(?=\[)")
_SHORTCODE = re.compile(r"(?<![^\s(]):[a-z][a-z0-9_+-]*:(?!\w)")
_ESCAPED = re.compile(r"\\(?=[\\`*_{}\[\]()#+.!|~>$-])")
_TIMES = re.compile(r"(?<=\d)\\?\*(?=\d)")  # 2*3 is no emphasis, and must not be said as 23


def without_markup(word: str) -> str:
    """The word with the whitespace before it; what one sees of a link stays."""
    word = _BREAK.sub(" ", _AUTOLINK.sub(r"\1", _PICTURE.sub("", word)))
    word = _SHORTCODE.sub("", _FOOTNOTE.sub("", _TAG.sub("", word)))
    return _ESCAPED.sub("", _TIMES.sub("×", word))
