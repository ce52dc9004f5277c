import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.text.spoken import spoken


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Hello", "Hello"),
        (" world!", "world!"),
        (" **bold**,", "bold,"),
        (" *soft*", "soft"),
        (" __loud__.", "loud."),
        (" _quiet_", "quiet"),
        (" snake_case", "snake_case"),
        (" ~~gone~~", "gone"),
        (" `code`", "code"),
        ("\n##", ""),
        ("\n#Title", "Title"),
        (" #1", "#1"),
        (" C#", "C#"),
        ("\n-", ""),
        ("\n*", ""),
        ("\n+", ""),
        ("+", ""),
        (" +", "+"),
        ("\n•", ""),
        ("\n1.", "1."),
        ("\n---", ""),
        (" |", ""),
        ("\n>", ""),
        (" =", "="),
        (" $12.50,", "$12.50,"),
        (" 50%", "50%"),
        (" —", ""),
        (" ...", ""),
        ("\n```python", ""),
        ("```", ""),
        (" it’s", "it's"),
        (" “so”", '"so"'),
        (" Hi👋", "Hi"),
        (" 👋🏽", ""),
        (" 👨‍👩‍👧", ""),
        (" 🇫🇷", ""),
        (" ❤️", ""),
        (" 1️⃣", "1"),
        (" →", ""),
        (" [docs](https://example.com/a_b),", "docs,"),
        (" [the", "the"),
        (" docs](https://example.com)", "docs"),
        (" https://www.example.com/a/b?c=d.", "example.com."),
        (" http://localhost:8080/x", "localhost"),
        (" café,", "café,"),
        (" 你好。", "你好。"),
        (" f(x)", "f(x)"),
        ("", ""),
    ],
)
def test_what_a_voice_says(word: str, said: str) -> None:
    assert spoken(word) == said


@given(st.text(max_size=80))
def test_whatever_is_left_can_be_said(text: str) -> None:
    said = spoken(text)
    assert said == said.strip()
    assert not said or any(c.isalnum() or c in "_+=%&@#$€£°×" for c in said)
