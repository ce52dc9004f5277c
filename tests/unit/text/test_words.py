from hypothesis import given
from hypothesis import strategies as st

from rtcserver.text.words import WordCutter


def cut(*tokens: str) -> list[str]:
    cutter = WordCutter()
    words = [word for token in tokens for word in cutter.push(token)]
    return words + cutter.flush()


def test_a_word_is_held_until_whitespace_follows() -> None:
    cutter = WordCutter()
    assert cutter.push("Hel") == []
    assert cutter.push("lo") == []
    assert cutter.push(" wor") == ["Hello"]
    assert cutter.push("ld! ") == [" world!"]
    assert cutter.flush() == []


def test_one_token_may_hold_many_words() -> None:
    assert cut("I am\nthe  one") == ["I", " am", "\nthe", "  one"]


def test_flush_forgets() -> None:
    cutter = WordCutter()
    cutter.push("end")
    assert cutter.flush() == ["end"]
    assert cutter.flush() == []
    assert cutter.push("x ") == ["x"]


def test_chinese_is_cut_at_its_marks() -> None:
    assert cut("你好，", "世界。再见") == ["你好，", "世界。", "再见"]


def test_endless_garbage_is_not_held_back() -> None:
    assert [len(word) for word in cut("x" * 150)] == [64, 64, 22]


@given(st.lists(st.text(alphabet=" \n\tab。,.é", max_size=12), max_size=12))
def test_the_words_joined_are_the_text(tokens: list[str]) -> None:
    words = cut(*tokens)
    assert "".join(words) == "".join(tokens).rstrip()
    assert all(word.strip() and word[-1].strip() for word in words)


@given(st.text(alphabet=" \nab。,.", max_size=40), st.integers(1, 5))
def test_how_the_text_was_split_makes_no_difference(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert cut(*pieces) == cut(text)
