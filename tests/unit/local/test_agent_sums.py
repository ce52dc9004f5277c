"""Arithmetic as it is spoken to the demo agent, and as a recogniser spells it."""

import pytest

from rtcserver.local.agent.listen import plain
from rtcserver.local.agent.sums import answer_sum


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("what is two plus three", "Two plus three is five."),
        ("what is to plus three", "Two plus three is five."),
        ("what is ate times for", "Eight times four is thirty-two."),
        ("what is plenty invited by floor", "Twenty divided by four is five."),
        ("What's 3+4?", "Three plus four is seven."),
        ("what is 12 x 12", "Twelve times twelve is one hundred and forty-four."),
        ("1,000 / 8", "One thousand divided by eight is one hundred and twenty-five."),
        ("ten minus twelve", "Ten minus twelve is minus two."),
        ("10-3", "Ten minus three is seven."),
        ("nine take away four", "Nine minus four is five."),
        ("six multiplied by seven", "Six times seven is forty-two."),
        ("2.5 times two", "Two point five times two is five."),
        ("ten divided by three", "Ten divided by three is about three point three three."),
        ("two plus three times four", "Two plus three times four is fourteen."),
        ("i want to go to two plus two please", "Two plus two is four."),
    ],
)
def test_a_sum_is_found_and_worked_out(asked: str, answered: str) -> None:
    assert answer_sum(plain(asked)) == answered


def test_nothing_is_divided_by_zero() -> None:
    assert "divided by zero" in (answer_sum("six divided by zero") or "")


def test_a_result_too_big_to_say_is_refused() -> None:
    assert "too big" in (answer_sum(" times ".join(["one million"] * 20)) or "")


@pytest.mark.parametrize("words", ["", "plus", "two plus", "less is more", "three times a lady"])
def test_words_without_a_sum_have_no_result(words: str) -> None:
    assert answer_sum(words) is None
