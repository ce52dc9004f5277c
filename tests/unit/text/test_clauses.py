"""Clauses: the first leaves early, the others whole, and none in the middle of a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.text.clauses import Clause, ClauseCutter, ends_clause, ends_sentence


def cut(text: str) -> list[str]:
    """The clauses of words that all come at once."""
    cutter = ClauseCutter()
    clauses = [cutter.push(word, now=0.0) for word in text.split()]
    return [" ".join(clause) for clause in [*clauses, cutter.flush()] if clause]


def test_the_first_clause_leaves_at_a_comma_after_three_words() -> None:
    assert cut("Well, yes, I think so. It is, I am told, nice here.") == [
        "Well, yes, I think so.",
        "It is, I am told, nice here.",
    ]
    assert cut("As you wish, I go home now.") == ["As you wish,", "I go home now."]


def test_the_first_clause_leaves_a_quarter_second_after_its_first_word() -> None:
    cutter = ClauseCutter()
    assert cutter.deadline() is None
    assert cutter.push("Once", now=10.0) is None
    assert cutter.push("upon", now=10.1) is None
    assert cutter.deadline() == 10.25
    assert cutter.due(10.24) is None
    assert cutter.due(10.25) == ("Once", "upon")


def test_later_clauses_have_no_deadline() -> None:
    cutter = ClauseCutter()
    cutter.push("Once", now=0.0)
    assert cutter.due(0.25) == ("Once",)
    assert cutter.push("upon", now=0.3) is None
    assert cutter.deadline() is None
    assert cutter.due(100.0) is None
    assert cutter.flush() == ("upon",)


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    first, long = "I am here.", " ".join(["and so it went on"] * 7)
    assert cut(f"{first} {long}, until it ended.") == [first, f"{long},", "until it ended."]


def test_words_without_any_mark_are_cut_at_last() -> None:
    clauses = cut("I am here. " + "word " * 100)
    assert [len(clause) for clause in clauses] == [10, 244, 244, 9]


@pytest.mark.parametrize(
    "word", ["end.", "really?", "no!", 'said."', "2020.", "No.", "wait...", "well…"]
)
def test_ends_of_sentences(word: str) -> None:
    assert ends_sentence(word)


@pytest.mark.parametrize("word", ["Dr.", "(e.g.", "J.", "U.S.", "3.5", "$12.50", "a,", "p.m."])
def test_what_ends_no_sentence(word: str) -> None:
    assert not ends_sentence(word)


@pytest.mark.parametrize("word", ["one,", "two;", "three:", "four)—", "five."])
def test_ends_of_clauses(word: str) -> None:
    assert ends_clause(word)


def test_the_number_of_an_item_is_no_sentence_but_a_number_can_end_one() -> None:
    assert cut("I know two. 1. Red. 2. Blue. They are 2. Yes.") == [
        "I know two.",
        "1. Red.",
        "2. Blue.",
        "They are 2.",
        "Yes.",
    ]


@given(st.lists(st.tuples(st.text(min_size=1), st.floats(0, 1)), max_size=60))
def test_every_word_comes_out_once_and_in_order(words: list[tuple[str, float]]) -> None:
    cutter, now = ClauseCutter(), 0.0
    clauses: list[Clause | None] = []
    for word, pause in words:
        now += pause
        clauses += [cutter.due(now), cutter.push(word, now)]
    clauses.append(cutter.flush())
    assert [word for clause in clauses if clause for word in clause] == [word for word, _ in words]
    assert cutter.flush() is None
