"""Bring what was typed or recognised into one plain form."""

import re
import unicodedata

_SIGNS = {"+": " plus ", "*": " times ", "×": " times ", "÷": " divided by ", "=": " "}
_CONTRACTIONS = (
    (r"\bcan't\b|\bcannot\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"n't\b", " not"),
    (r"\blet's\b", "let us"),
    (r"\b(what|who|where|how|when|that|it|there|here|he|she|name)'?s\b", r"\1 is"),
    (r"\bi'm\b", "i am"),
    (r"'re\b", " are"),
    (r"'ll\b", " will"),
    (r"'ve\b", " have"),
    (r"'d\b", " would"),
    (r"'s\b", "s"),
)
_MARKS = (
    (r"(?<=\d),(?=\d{3}\b)", ""),  # 1,000
    (r"(?<=\d)\s*-\s*(?=\d)|(?<=\s)-(?=\s)", " minus "),
    (r"(?<=\d)\s*/\s*(?=\d)", " divided by "),
    (r"(?<=\d)\s*x\s*(?=\d)", " times "),
    (r"(?<!\d)\.|\.(?!\d)", " "),  # a full stop goes, the point of 3.5 stays
    (r"[^a-z0-9. ]+", " "),
)


def plain(text: str) -> str:
    """ "What's 3+4?" -> "what is 3 plus 4". Text in another script comes out empty."""
    heard = _ascii(text.lower().replace("\u2019", "'"))
    for sign, word in _SIGNS.items():
        heard = heard.replace(sign, word)
    for pattern, plainer in _CONTRACTIONS + _MARKS:
        heard = re.sub(pattern, plainer, heard)
    return " ".join(heard.split())


def _ascii(text: str) -> str:
    """Accents fall off: "café" -> "cafe". "×" and "÷" are spelt out before."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
