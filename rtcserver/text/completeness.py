"""Judge by its last words whether somebody has finished speaking. English; no model."""

import re
from enum import Enum, auto
from itertools import takewhile


class Completeness(Enum):
    UNFINISHED = auto()  # more has to come
    UNCLEAR = auto()
    FINISHED = auto()


_FINISHED, _UNCLEAR, _UNFINISHED = (
    Completeness.FINISHED,
    Completeness.UNCLEAR,
    Completeness.UNFINISHED,
)

# Conjunctions, prepositions, articles and possessives, auxiliaries: words that lean on the next.
# Not among them: particles ("turn it on") and what may stand alone ("that", "her", "I can").
_PREPOSITIONS = frozenset(["of", "to", "at", "from", "with", "into", "for", "by", "about", "like"])
_AUXILIARIES = frozenset(
    [
        "am",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "will",
        "would",
        "shall",
        "should",
        "might",
        "must",
        "may",
        "i'm",
        "i'd",
        "i'll",
        "i've",
        "you're",
        "you'd",
        "you'll",
        "you've",
        "he's",
        "he'd",
        "he'll",
        "she's",
        "she'd",
        "she'll",
        "it's",
        "it'll",
        "we're",
        "we'd",
        "we'll",
        "we've",
        "they're",
        "they'd",
        "they'll",
        "they've",
        "that's",
        "there's",
        "what's",
        "who's",
        "where's",
        "isn't",
        "aren't",
        "wasn't",
        "weren't",
        "hasn't",
        "haven't",
        "doesn't",
        "didn't",
        "wouldn't",
        "gonna",
        "wanna",
    ]
)
_LEANING = (
    frozenset(
        [
            "and",
            "or",
            "but",
            "nor",
            "because",
            "so",
            "if",
            "unless",
            "until",
            "although",
            "though",
            "while",
            "whereas",
            "whether",
            "than",
            "a",
            "an",
            "the",
            "my",
            "your",
            "our",
            "their",
            "its",
            "every",
            "without",
            "between",
            "among",
            "during",
            "toward",
            "towards",
        ]
    )
    | _PREPOSITIONS
    | _AUXILIARIES
)
_HESITATES = re.compile(
    r"\b(?:u[mh]+|uhm|erm?|h?mm+|you know|i mean|let me (?:see|think|check)|hold on"
    r"|just a (?:second|moment|minute)|(?:tell|show|give|send|bring|remind) (?:me|us|him|them))$"
    r"|^(?:(?:oh|no|so|and|but) )?(?:well|wait)$"
)
_ANSWERS = re.compile(
    r"(?:yes|yeah|yep|no|nope|sure|ok|okay|right|correct|exactly|true|false|stop|cancel|help|next"
    r"|hello|hi|hey|thanks|thank you|please|goodbye|bye|never mind|maybe|i don't know|i think so)"
    r"(?: (?:yes|no|there|please|thanks|thank you|very much|of course|bye|goodbye)"
    r"| (?:i|you|he|she|it|we|they|that) (?:\w+n't|am|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|should)(?: not)?)*"
)
_WH = r"(?:what|who|whose|where|when|why|which|how)"
_ASKED = re.compile(rf"\b{_WH}\b")
_QUESTION = re.compile(
    r"(?:(?:and|so|but|ok|okay|well|hello|hi|hey|please) )*"
    rf"(?:{_WH}(?:'s)?|is|are|was|were|do|does|did|can|could|will|would|should|has|have|may)"
    r"(?: \S+){2,}"
)
# Words that may end what is asked though they lean elsewhere: "what should I do", "tell me what
# time it is". "What time is" still lacks its subject.
_ASKED_LAST = re.compile(
    rf"\b{_WH} .*(?:do|have|be|had)$|\S {_WH} .*\S (?:is|are|was|were)$"
    rf"|\b{_WH} .*(?:i|you|he|she|it|we|they|that) (?:am|is|are|was|were)$"
)
_DIGIT = re.compile(r"zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|\d+")
_DIALS = re.compile(r"\b(?:phone|number|account|card|extension)\b")
# Digits of a telephone number: a local one, one with its area.
_LOCAL_NUMBER, _WHOLE_NUMBER = 7, 10

_MARK = re.compile(r"[\s\"'”’)\]]*$")
_PLAIN = re.compile(r"[^\w' ]+")


def completeness(said: str, *, english: bool = True) -> Completeness:
    """`said` may have punctuation or none. Of other languages only that is read."""
    text = _MARK.sub("", said)
    if text.endswith((",", ";", ":", "-", "–", "—", "…", "...")):
        return _UNFINISHED
    marked = text.endswith((".", "!", "?", "。", "！", "？"))
    words = _PLAIN.sub(" ", text.lower().replace("’", "'")).split() if english else []
    by_words = _by_words(words) if words else _UNCLEAR
    if not marked:
        return by_words
    if by_words is _UNFINISHED and not text.endswith(("?", "？")):
        # A transcriber that ends whatever it has heard with a full stop knows no better.
        return _UNFINISHED if _digits(words) else _UNCLEAR
    return _FINISHED


def _by_words(words: list[str]) -> Completeness:
    text, last = " ".join(words), words[-1]
    if _ANSWERS.fullmatch(text):
        return _FINISHED
    if digits := _digits(words):
        return _by_digits(digits, dials=_dials(words))
    if _HESITATES.search(text) or _leans(last, text):
        return _UNFINISHED
    return _FINISHED if _QUESTION.fullmatch(text) and last not in _LEANING else _UNCLEAR


def _leans(last: str, text: str) -> bool:
    if last in _PREPOSITIONS:
        return not _ASKED.search(text)  # "where are you from", "this is what I asked for"
    return last in _LEANING and not _ASKED_LAST.search(text)


def _dials(words: list[str]) -> bool:
    return bool(_DIALS.search(" ".join(words)))


def _digits(words: list[str]) -> int:
    """How many digits are being read out at the end. One word alone is an amount, unless it is
    to be dialled: then none are."""
    tail = list(takewhile(_DIGIT.fullmatch, reversed(words)))
    if len(tail) < 2 and not (tail and len(tail[0]) > 1 and tail[0].isdigit() and _dials(words)):
        return 0
    return sum(len(word) if word.isdigit() else 1 for word in tail)


def _by_digits(digits: int, *, dials: bool) -> Completeness:
    """A code of four to six digits may be whole, unless it is to be a telephone number."""
    if digits >= _WHOLE_NUMBER:
        return _FINISHED
    may_be = digits == _LOCAL_NUMBER or (4 <= digits < _LOCAL_NUMBER and not dials)
    return _UNCLEAR if may_be else _UNFINISHED
