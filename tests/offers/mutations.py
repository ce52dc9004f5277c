"""Break real offers the way fuzzers and bad networks do; the same seed breaks the same way."""

import random
from collections.abc import Callable, Iterator

from tests import offers

_JUNK = ("", "0", "-1", "99999999999", "a" * 300, "\u00e9\u2028", "\x00", "BUNDLE", "*", "sha-256")

Lines = list[str]


def _drop(lines: Lines, dice: random.Random) -> None:
    del lines[dice.randrange(len(lines))]


def _repeat(lines: Lines, dice: random.Random) -> None:
    lines.insert(dice.randrange(len(lines)), dice.choice(lines))


def _swap(lines: Lines, dice: random.Random) -> None:
    i, j = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]


def _replace_word(lines: Lines, dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    words = lines[at].split(" ")
    words[dice.randrange(len(words))] = dice.choice(_JUNK)
    lines[at] = " ".join(words)


def _change_character(lines: Lines, dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    position = dice.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:position] + chr(dice.randrange(1, 300)) + lines[at][position + 1 :]


def _cut(lines: Lines, dice: random.Random) -> None:
    del lines[dice.randrange(1, len(lines)) :]


_WAYS: tuple[Callable[[Lines, random.Random], None], ...] = (
    *(_drop, _repeat, _swap, _replace_word, _change_character),
    _cut,
)


def mutated_offers(count: int, seed: int = 1) -> Iterator[str]:
    """So many offers, each with one to three faults."""
    dice = random.Random(seed)
    for _ in range(count):
        lines = offers.load(dice.choice(offers.NAMES)).split("\r\n")
        for _ in range(dice.randint(1, 3)):
            if len(lines) > 1:
                dice.choice(_WAYS)(lines, dice)
        yield "\r\n".join(lines)
