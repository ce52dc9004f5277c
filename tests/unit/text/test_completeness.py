import pytest

from rtcserver.text.completeness import Completeness, completeness

FINISHED = [
    "What time is it?",
    "I would like a pizza.",
    "what time is it",
    "what is two plus three",
    "can you help me",
    "hello there",
    "yes",
    "no thank you",
    "yes i am",
    "no it isn't",
    "I don't know",
    "my phone number is two one two five five five one two three four",
    "Call me at 212 555 1234.",
    "so what is your name",
]
UNCLEAR = [
    "",
    "where are you from",
    "what are you looking for",
    "what should i do",
    "my name is martin",
    "turn it on",
    "i want that",
    "tell me what time it is",
    "this is what i asked for",
    "the code is one two three four",
    "i am 25",
    "i have two",
    "the number of my house is 7",
    "I want to.",
    "five five five one two three four",
]
UNFINISHED = [
    "i want to",
    "i want to go to the",
    "my name is",
    "because",
    "i live in london and",
    "what is",
    "what time is",
    "can you tell me",
    "could you please give me",
    "well",
    "so um",
    "let me think",
    "I would like a pizza,",
    "I would like …",
    "my phone number is five five five",
    "My phone number is 555.",
    "my phone number is five five five one two",
    "seven three",
]


@pytest.mark.parametrize("said", FINISHED)
def test_a_sentence_a_question_and_a_short_answer_are_finished(said: str) -> None:
    assert completeness(said) is Completeness.FINISHED


@pytest.mark.parametrize("said", UNCLEAR)
def test_words_that_could_be_all_leave_it_open(said: str) -> None:
    assert completeness(said) is Completeness.UNCLEAR


@pytest.mark.parametrize("said", UNFINISHED)
def test_words_that_lean_on_the_next_are_unfinished(said: str) -> None:
    assert completeness(said) is Completeness.UNFINISHED


def test_of_another_language_only_the_punctuation_is_read() -> None:
    assert completeness("il y en a", english=False) is Completeness.UNCLEAR
    assert completeness("il y en a.", english=False) is Completeness.FINISHED
    assert completeness("il y en a,", english=False) is Completeness.UNFINISHED
