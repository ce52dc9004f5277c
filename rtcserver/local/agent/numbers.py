"""Read numbers that were spoken as words, as a recogniser writes them."""

import re
from fractions import Fraction

from rtcserver.local.agent.numerals import TENS, UNITS

_SOUND_ALIKE = {
    "oh": 0,
    "won": 1,
    "to": 2,
    "too": 2,
    "tree": 3,
    "for": 4,
    "fore": 4,
    "floor": 4,
    "fourty": 40,
    "sicks": 6,
    "ate": 8,
    "plenty": 20,
}
_SMALL = (
    {word: value for value, word in enumerate(UNITS)}
    | {word: 10 * value for value, word in enumerate(TENS, start=2)}
    | _SOUND_ALIKE
)
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_DIGITS = re.compile(r"\d{1,15}(\.\d{1,6})?")

Read = tuple[Fraction, int]
"""A value, and the index of the first word behind it."""


def read_number(words: list[str], start: int = 0) -> Read | None:
    """The longest number that begins at `start`, or None."""
    if start < len(words) and words[start] == "minus":
        read = read_number(words, start + 1)
        return read and (-read[0], read[1])
    whole = _read_whole(words, start)
    return whole and _read_decimals(words, *whole)


def _read_whole(words: list[str], at: int) -> Read | None:
    """Groups below a thousand, each with its scale: two million | five thousand | and one."""
    total, limit = Fraction(0), None
    begin = at
    while (group := _read_group(words, at)) is not None:
        value, after = group
        scale = _SCALES.get(words[after], 1) if after < len(words) else 1
        if limit is not None and scale >= limit:
            break
        total, limit = total + value * scale, scale
        at = after + (scale > 1)
        if scale == 1:
            break
        if at + 1 < len(words) and words[at] == "and" and _read_group(words, at + 1):
            at += 1
    return (total, at) if at > begin else None


def _read_group(words: list[str], at: int) -> Read | None:
    """A number below a thousand, or one in digits."""
    if at >= len(words):
        return None
    if _DIGITS.fullmatch(words[at]):
        return Fraction(words[at]), at + 1
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in {"hundred", *_SCALES}:
        value, at = 1, at + 1
    elif (low := _read_below_hundred(words, at)) is None:
        return None
    else:
        value, at = low
    if at >= len(words) or words[at] != "hundred":
        return Fraction(value), at
    joined = at + 2 if words[at + 1 : at + 2] == ["and"] else at + 1
    low = _read_below_hundred(words, joined)
    return (Fraction(100 * value + low[0]), low[1]) if low else (Fraction(100 * value), at + 1)


def _read_below_hundred(words: list[str], at: int) -> tuple[int, int] | None:
    if at >= len(words) or words[at] not in _SMALL:
        return None
    value = _SMALL[words[at]]
    unit = _SMALL.get(words[at + 1], 0) if at + 1 < len(words) else 0
    if value >= 20 and value % 10 == 0 and 0 < unit < 10:
        return value + unit, at + 2
    return value, at + 1


def _read_decimals(words: list[str], value: Fraction, at: int) -> Read:
    """three point one four"""
    if words[at : at + 1] != ["point"]:
        return value, at
    digits = ""
    for word in words[at + 1 : at + 7]:
        if _SMALL.get(word, 10) > 9:
            break
        digits += str(_SMALL[word])
    if not digits:
        return value, at
    return value + Fraction(int(digits), 10 ** len(digits)), at + 1 + len(digits)
