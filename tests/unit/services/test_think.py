from hypothesis import given
from hypothesis import strategies as st

from rtcserver.services.llm.think import ThinkFilter


def said(*pieces: str) -> str:
    thoughts = ThinkFilter()
    return "".join(thoughts.push(piece) for piece in pieces) + thoughts.flush()


def test_thoughts_are_dropped() -> None:
    assert said("<think>hm</think>Yes. <think>more</think>No.") == "Yes. No."


def test_an_open_thought_never_ends() -> None:
    assert said("Yes <think>hm </thin", "k") == "Yes "


def test_text_is_not_held_back_without_need() -> None:
    thoughts = ThinkFilter()
    assert thoughts.push("a < b") == "a < b"
    assert thoughts.push(" <th") == " "
    assert thoughts.push("e end>") == "<the end>"


@given(
    st.lists(st.sampled_from(["<", "think>", "<think>", "</think>", "a", "</", " "]), max_size=9)
)
def test_how_it_is_split_makes_no_difference(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert said(*pieces) == said(text) == said(*text)
