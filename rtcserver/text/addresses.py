"""Say e-mail addresses, hosts and dates as a person reads them aloud, in English."""

import re

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_OPENING, _CLOSING = "(\"'", ".,;:!?)\"'…"
_NAME = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
# A host needs a top-level name that is no word: "2.0.1", "file.py" and "done.It" are no hosts.
_TOP = r"(?:com|org|net|edu|gov|io|ai|app|dev|info|biz|eu|uk|de|fr|es|ch|nl|ca|au|example)"
_HOST = re.compile(rf"(?:www\.)?((?:(?i:{_NAME})\.)+{_TOP})(?:/\S*)?")
_EMAIL = re.compile(rf"(?:mailto:)?([a-z0-9._%+-]+)@((?:{_NAME}\.)+[a-z]{{2,}})", re.I)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_FOUR = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")  # an address of the internet
_SIGNS = {".": "dot", "_": "underscore", "-": "dash", "+": "plus", "%": "percent"}


def read_out(word: str) -> list[str]:
    """The words to say for one without markup; itself, if it is none of these."""
    bare = word.lstrip(_OPENING).rstrip(_CLOSING)
    if not bare:
        return [word]
    before, _, after = word.partition(bare)
    if found := _EMAIL.fullmatch(bare):
        parts = [*_spelt(found[1]), "at", *_spelt(found[2])]
    elif host := _HOST.fullmatch(bare):
        parts = _spelt(host[1])
    elif _FOUR.fullmatch(bare):
        parts = _spelt(bare)
    elif (date := _date(bare)) is not None:
        parts = date
    else:
        return [word]
    return [before + parts[0], *parts[1:-1], parts[-1] + after]


def _date(bare: str) -> list[str] | None:
    """Of the month first, as Americans write it, unless that is none."""
    if iso := _DATE.fullmatch(bare):
        year, month, day = map(int, iso.groups())
    elif slashed := _SLASHED.fullmatch(bare):
        month, day, year = map(int, slashed.groups())
        if month > 12:
            month, day = day, month
    else:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return [_MONTHS[month - 1], f"{day},", str(year)]


def _spelt(address: str) -> list[str]:
    return [_SIGNS.get(part, part) for part in re.split(r"([._%+-])", address) if part]
