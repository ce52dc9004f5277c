"""What a voice says of what a chat model writes, word by word as it comes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.text.narration import Narration


def narrated(text: str) -> str:
    narration = Narration()
    return " ".join(said for word in re.findall(r"\s*\S+", text) for said in narration.push(word))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Very** _good_, isn't it?", "Very good, isn't it?"),
        ("# Title\n\n- one\n- two\n1. three", "Title one two 1. three"),
        ("See [the docs](https://example.com/a_b), please.", "See the docs, please."),
        ('See [the docs](https://example.com "The docs"), please.', "See the docs please."),
        ("Run this:\n```python\nprint('x')\n```\nThen wait.", "Run this: Then wait."),
        ("Run ```ls -l``` now", "Run ls -l now"),
        ("```ls -l``` lists files", "lists files"),
        ("Hello ~~~ nice to meet you", "Hello nice to meet you"),
        ("<b>Yes</b>. It is.", "Yes. It is."),
        ("He is done.It works, look.at", "He is done.It works, look.at"),
        ("Hello<br>... there", "Hello there"),
        ("~~~\ncode ``` still code\n~~~ done", "done"),
        ("Use `ls` now", "Use ls now"),
        ("| name | age |\n|---|---|\n|Anna|42|", "name age Anna 42"),
        ("Great 👍🏽 work 🎉!", "Great work"),
        ("Write to anna.smith@example.com.", "Write to anna dot smith at example dot com."),
        ("It is on https://www.example.com/a?b=c.", "It is on example dot com."),
        ("Look at example.org, or not", "Look at example dot org, or not"),
        ("It was 2026-11-24.", "It was November 24, 2026."),
        ("Part 2026-13-24", "Part 2026-13-24"),
        ("Version 2.0.1, e.g. main.py", "Version 2.0.1, e.g. main.py"),
        ("It costs $12.50 (50%)", "It costs $12.50 (50%)"),
        ("![A red cat](cat.png) sits.", "A red cat sits."),
        ("One[^1] two[2] \\*three\\*.", "One two three."),
        ("[^1]: A note", "A note"),
        ("line<br>break <b>bold</b> a<b", "line break bold a<b"),
        ("Good :tada: at 10:30:15", "Good at 10:30:15"),
        ("2*3 is *not* 4*5*6", "2×3 is not 4×5×6"),
        ("<mailto:a_b@c-d.org>", "a underscore b at c dash d dot org"),
        ("(www.example.co.uk/x),", "(example dot co dot uk),"),
        ("On 3/4/2026, not 24/12/2026", "On March 4, 2026, not December 24, 2026"),
        ("13/13/2026", "13/13/2026"),
        ("192.168.0.1", "192 dot 168 dot 0 dot 1"),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    assert narrated(written) == said


def test_a_target_that_does_not_end_takes_only_a_few_words_with_it() -> None:
    assert narrated("[a](b " + "word " * 12 + "end").endswith("word word end")


def test_numbers_are_written_out_where_a_voice_needs_it() -> None:
    narration = Narration(lambda word: {"42": "forty two"}.get(word, word))
    assert narration.push(" **42**") == ("forty", "two")


@given(st.text(alphabet="ab `~|[](){}<>/:!*_#\n.@-1", max_size=60))
def test_every_word_said_is_one_word(text: str) -> None:
    said = narrated(text).split(" ") if narrated(text) else []
    assert all(word and word == word.strip() for word in said)
