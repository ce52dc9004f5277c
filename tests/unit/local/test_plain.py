"""What is left of a word in ASCII."""

import pytest

from rtcserver.local.engines.plain import plain


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("it’s", "it's"),
        ("naïve", "naive"),
        ("5€", "5 euros"),
        ("wait…", "wait..."),
        ("“so”", '"so"'),
        ("Straße", "Strasse"),
        ("😀", ""),
        ("日本", ""),
        ("a\x00b", "ab"),
    ],
)
def test_plain(word: str, spelt: str) -> None:
    assert plain(word) == spelt
