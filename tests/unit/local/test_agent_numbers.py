"""Numbers as the demo agent hears and says them."""

from fractions import Fraction

import pytest

from rtcserver.local.agent.numbers import read_number
from rtcserver.local.agent.numerals import cardinal, decimal, ordinal, year


@pytest.mark.parametrize(
    ("spoken", "value"),
    [
        ("seven", 7),
        ("twenty one", 21),
        ("a hundred", 100),
        ("three hundred and five", 305),
        ("two hundred and five thousand", 205_000),
        ("one million two hundred thousand and six", 1_200_006),
        ("a million", 1_000_000),
        ("1500", 1500),
        ("minus four", -4),
        ("to", 2),
        ("ate", 8),
        ("won", 1),
    ],
)
def test_a_spoken_number_is_read_whole(spoken: str, value: int) -> None:
    words = spoken.split()
    assert read_number(words) == (Fraction(value), len(words))


def test_a_decimal_is_read_digit_by_digit() -> None:
    assert read_number(["three", "point", "one", "four"]) == (Fraction("3.14"), 4)


def test_a_number_ends_where_another_begins() -> None:
    assert read_number(["two", "three"]) == (Fraction(2), 1)
    assert read_number(["five", "thousand", "six", "thousand"]) == (Fraction(5000), 2)


def test_a_word_that_is_no_number_is_not_read() -> None:
    assert read_number(["banana"]) is None
    assert read_number(["minus", "banana"]) is None
    assert read_number([]) is None


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (42, "forty-two"),
        (-7, "minus seven"),
        (342, "three hundred and forty-two"),
        (1_001, "one thousand and one"),
        (2_000_000, "two million"),
        (
            1_234_567,
            "one million two hundred and thirty-four thousand five hundred and sixty-seven",
        ),
    ],
)
def test_a_number_is_said_in_words(n: int, said: str) -> None:
    assert cardinal(n) == said


@pytest.mark.parametrize("n", [0, 5, 19, 20, 99, 100, 101, 110, 999, 1_000, 70_015, 3_000_001])
def test_a_number_that_was_said_is_read_back(n: int) -> None:
    words = cardinal(n).replace("-", " ").split()
    assert read_number(words) == (Fraction(n), len(words))


def test_a_fraction_is_said_to_two_places() -> None:
    assert decimal(Fraction(5, 2)) == "two point five"
    assert decimal(Fraction(-1, 4)) == "minus zero point two five"
    assert decimal(Fraction(1, 3)) == "about zero point three three"
    assert decimal(Fraction(-1, 1000)) == "about zero"


def test_ordinals_and_years_are_said_as_people_do() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 12, 20, 21, 30)] == [
        "first",
        "second",
        "third",
        "twelfth",
        "twentieth",
        "twenty-first",
        "thirtieth",
    ]
    assert [year(n) for n in (1905, 2000, 2005, 2026)] == [
        "nineteen oh five",
        "two thousand",
        "two thousand and five",
        "twenty twenty-six",
    ]
