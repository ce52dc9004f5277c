"""Words leave once they no longer change, and each leaves once."""

from rtcserver.local.stt_words import HeardWord, WordSieve


def heard(text: str, start_s: float = 0.0) -> list[HeardWord]:
    """Words of half a second each."""
    return [
        HeardWord(word, start_s + n / 2, start_s + (n + 1) / 2)
        for n, word in enumerate(text.split())
    ]


def said(words: list[HeardWord]) -> str:
    return " ".join(word.text for word in words)


def test_words_are_held_back_until_two_more_seconds_were_understood() -> None:
    sieve = WordSieve(held_s=2.0)
    assert said(sieve.partial(heard("what is your name"))) == ""
    assert said(sieve.partial(heard("what is your name again"))) == "what"
    assert said(sieve.partial(heard("what is your name again please"))) == "is"
    assert said(sieve.final(heard("what is your name again please"))) == "your name again please"


def test_nothing_heard_is_nothing_said() -> None:
    sieve = WordSieve(held_s=2.0)
    assert sieve.partial([]) == []
    assert sieve.final([]) == []


def test_a_word_that_was_said_is_not_taken_back_nor_repeated() -> None:
    sieve = WordSieve(held_s=2.0)
    assert said(sieve.partial(heard("helen there my name is"))) == "helen"
    assert said(sieve.final(heard("hello there my name is"))) == "there my name is"


def test_edges_that_move_a_little_neither_repeat_nor_lose_a_word() -> None:
    sieve = WordSieve(held_s=2.0)
    sieve.partial(heard("one two three four five"))
    words = heard("one two three four five", start_s=0.1)
    assert said(sieve.final(words)) == "two three four five"


def test_the_next_utterance_goes_on_later() -> None:
    sieve = WordSieve(held_s=2.0)
    assert said(sieve.final(heard("one two"))) == "one two"
    assert said(sieve.partial(heard("three four five six seven", start_s=1.5))) == "three"


def test_words_of_a_lost_utterance_do_not_hold_up_the_next() -> None:
    sieve = WordSieve(held_s=2.0)
    sieve.partial(heard("one two three four five"))
    assert said(sieve.final(heard("six", start_s=2.5))) == "six"


def test_words_that_come_certain_are_not_held_back() -> None:
    sieve = WordSieve(held_s=0.0)
    assert said(sieve.partial(heard("one two"))) == "one two"
    assert said(sieve.partial(heard("one two"))) == ""
    assert said(sieve.final(heard("one two three"))) == "three"
