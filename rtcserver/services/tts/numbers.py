"""Write out numbers, in English, for a voice that cannot read them: "50%" is "fifty percent"."""

import re
from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec

_Say = Callable[..., str]  # num2words

_NUMBER = re.compile(
    r"(?P<before>[(\"'+-]*)(?P<coin>[$€£]?)"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d+)?"
    r"(?P<kind>st|nd|rd|th|%)?(?P<after>[.,;:!?)\"']*)"
)
_COINS = {"$": "USD", "€": "EUR", "£": "GBP"}
_YEARS = range(1100, 2100)
_LONGEST = 15  # digits; more are a code, and said one by one


def available() -> bool:
    return find_spec("num2words") is not None


def spell_numbers(word: str) -> str:
    """`word`, which has no blank, as it is to be said. Only where the extra is available()."""
    from num2words import num2words

    found = _NUMBER.fullmatch(word)
    if found is None:
        return word
    return found["before"].replace("-", "minus ") + _said(num2words, found) + found["after"]


def _said(say: _Say, found: re.Match[str]) -> str:
    digits = found["whole"].replace(",", "")
    if len(digits) > _LONGEST or (digits.startswith("0") and len(digits) > 1):
        return " ".join(say(int(digit)) for digit in digits)
    number = Decimal(digits + (found["part"] or ""))
    if found["coin"]:
        amount = say(number, to="currency", currency=_COINS[found["coin"]], separator=" and")
        return amount if found["part"] else amount.rpartition(" and ")[0]
    match found["kind"]:
        case "%":
            return f"{say(number)} percent"
        case None if not found["part"] and len(found["whole"]) == 4 and number in _YEARS:
            return say(int(number), to="year")
        case None:
            return say(number)
        case _:
            return say(int(number), to="ordinal")
