"""Work out arithmetic that was spoken: "two plus three times four"."""

from collections.abc import Iterator
from fractions import Fraction

from rtcserver.local.agent.numbers import read_number
from rtcserver.local.agent.numerals import LARGEST, decimal

_OPERATORS = {
    ("plus",): "plus",
    ("added", "to"): "plus",
    ("minus",): "minus",
    ("less",): "minus",
    ("take", "away"): "minus",
    ("times",): "times",
    ("multiplied", "by"): "times",
    ("x",): "times",
    ("divided", "by"): "divided by",
    ("divided", "bye"): "divided by",
    ("invited", "by"): "divided by",
    ("divide", "by"): "divided by",
}
_LONGEST = 20  # terms; nobody says more

Terms = list[tuple[str, Fraction]]
"""Each operator with the number behind it; the first operator is "plus"."""


def answer_sum(text: str) -> str | None:
    """A sentence with the result, or None when `text` (plain) holds no sum."""
    terms = _find(text.split())
    if terms is None:
        return None
    try:
        result = _evaluate(terms)
    except ZeroDivisionError:
        return "Nobody can do that, because nothing can be divided by zero."
    if max(abs(value) for value in (result, *(value for _, value in terms))) > LARGEST:
        return "That is too big for me, I am afraid. Try smaller numbers."
    said = _say(terms)
    return f"{said[0].upper()}{said[1:]} is {decimal(result)}."


def _find(words: list[str]) -> Terms | None:
    """The first run of number, operator, number, …"""
    for start in range(len(words)):
        terms = list(_read_terms(words, start))
        if len(terms) > 1:
            return terms
    return None


def _read_terms(words: list[str], at: int) -> Iterator[tuple[str, Fraction]]:
    operator = "plus"
    for _ in range(_LONGEST):
        if (read := read_number(words, at)) is None:
            return
        value, at = read
        yield operator, value
        for spoken, meant in _OPERATORS.items():
            if tuple(words[at : at + len(spoken)]) == spoken:
                operator, at = meant, at + len(spoken)
                break
        else:
            return


def _evaluate(terms: Terms) -> Fraction:
    """Times and divided by bind first. Raises ZeroDivisionError."""
    summands: list[Fraction] = []
    for operator, value in terms:
        match operator:
            case "times":
                summands[-1] *= value
            case "divided by":
                summands[-1] /= value
            case "minus":
                summands.append(-value)
            case _:
                summands.append(value)
    return sum(summands, Fraction(0))


def _say(terms: Terms) -> str:
    first, *others = terms
    return " ".join((decimal(first[1]), *(f"{op} {decimal(value)}" for op, value in others)))
