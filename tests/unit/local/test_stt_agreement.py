"""Which words two guesses in a row have made certain."""

from rtcserver.local.stt_agreement import Agreement
from rtcserver.local.stt_words import HeardWord


def guess(text: str) -> list[HeardWord]:
    """A word each 0.3 s."""
    words = enumerate(text.split())
    return [HeardWord(word, 0.3 * number, 0.3 * number + 0.3) for number, word in words]


def committed(*guesses: str) -> list[str]:
    agreement = Agreement()
    for each in guesses:
        agreement.partial(guess(each))
    return [word.text for word in agreement.committed]


def test_one_guess_makes_nothing_certain() -> None:
    assert committed("what is two") == []


def test_what_two_guesses_begin_with_is_certain() -> None:
    assert committed("what is to", "what is two plus") == ["what", "is"]


def test_a_third_goes_on_from_there() -> None:
    assert committed("what is", "what is two plus", "what is two plus three") == [
        *("what", "is", "two", "plus"),
    ]


def test_what_is_certain_stays_whatever_later_guesses_say() -> None:
    assert committed("what is", "what is", "that was it", "that was it all")[:2] == ["what", "is"]


def test_the_last_guess_is_taken_as_it_is() -> None:
    agreement = Agreement()
    agreement.partial(guess("what is"))
    agreement.partial(guess("what is"))
    agreement.final(guess("what is two plus three"))
    assert [word.text for word in agreement.committed] == ["what", "is", "two", "plus", "three"]
    times = [word.start_s for word in agreement.committed]
    assert times == sorted(times)
