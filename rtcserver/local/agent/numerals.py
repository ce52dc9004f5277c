"""Say numbers in words."""

from fractions import Fraction

_UNIT_WORDS = """
zero one two three four five six seven eight nine ten
eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS = _UNIT_WORDS.split()
"""0 to 19."""
TENS = _TEN_WORDS.split()
"""20 to 90."""
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
LARGEST = 10**15 - 1


def cardinal(n: int) -> str:
    """`n` of at most LARGEST in size: 342 -> "three hundred and forty-two"."""
    if n < 0:
        return f"minus {cardinal(-n)}"
    if n < 20:
        return UNITS[n]
    if n < 100:
        tens, unit = TENS[n // 10 - 2], n % 10
        return f"{tens}-{UNITS[unit]}" if unit else tens
    if n < 1000:
        rest = f" and {cardinal(n % 100)}" if n % 100 else ""
        return f"{UNITS[n // 100]} hundred{rest}"
    size, name = next(scale for scale in _SCALES if n >= scale[0])
    head, rest_n = f"{cardinal(n // size)} {name}", n % size
    if not rest_n:
        return head
    return f"{head} and {cardinal(rest_n)}" if rest_n < 100 else f"{head} {cardinal(rest_n)}"


def decimal(value: Fraction) -> str:
    """To two places: 5/2 -> "two point five", 1/3 -> "about zero point three three"."""
    hundredths = round(abs(value) * 100)
    sign = "minus " if value < 0 and hundredths else ""
    about = "" if value * 100 == round(value * 100) else "about "
    whole, rest = divmod(hundredths, 100)
    digits = f"{rest:02}".rstrip("0")
    point = " point " + " ".join(UNITS[int(digit)] for digit in digits) if digits else ""
    return f"{about}{sign}{cardinal(whole)}{point}"


def ordinal(n: int) -> str:
    """21 -> "twenty-first"."""
    head, dash, last = cardinal(n).rpartition("-")
    if last.endswith("y"):
        return f"{last[:-1]}ieth"
    return f"{head}{dash}{_ORDINALS.get(last, f'{last}th')}"


def year(n: int) -> str:
    """2026 -> "twenty twenty-six", 2005 -> "two thousand and five"."""
    century, rest = divmod(n, 100)
    if century % 10 == 0 and rest < 10:
        return cardinal(n)
    last = "hundred" if rest == 0 else cardinal(rest) if rest > 9 else f"oh {cardinal(rest)}"
    return f"{cardinal(century)} {last}"
