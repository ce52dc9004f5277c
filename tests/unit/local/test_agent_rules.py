"""What the demo agent answers, message by message."""

from datetime import datetime
from typing import Any

import pytest

from rtcserver.local.agent.engine import Call, Reply, reply

NOW = datetime(2026, 3, 3, 15, 45)


def converse(*asked: str, tools: tuple[str, ...] = ()) -> list[str]:
    """The agent's answers to a user who says one thing after the other."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Be brief."}]
    answers = []
    for text in asked:
        messages.append({"role": "user", "content": text})
        answers.append(reply(messages, tools, NOW).text)
        messages.append({"role": "assistant", "content": answers[-1]})
    return answers


def answer(text: str) -> str:
    return converse(text)[0]


def test_it_introduces_itself_as_the_built_in_demo_once() -> None:
    first, second = converse("hello there", "hello")
    assert "built-in demo" in first
    assert "demo" not in second


def test_it_answers_the_newest_of_messages_that_came_joined() -> None:
    answered, name = converse("my name is ada\nwhat is two plus three", "what is my name")
    assert "five" in answered
    assert "Ada" in name


@pytest.mark.parametrize("asked", ["who are you", "what's your name?", "are you a real person"])
def test_it_tells_how_to_connect_a_real_model(asked: str) -> None:
    assert "llm.url" in answer(asked)
    assert "RTCSERVER_LLM__URL" in answer(asked)


@pytest.mark.parametrize(
    "told",
    ["my name is alice", "Hello, my name's Alice.", "i'm called alice", "please call me alice"],
)
def test_it_remembers_a_name(told: str) -> None:
    told_answer, _, asked_answer = converse(told, "tell me a joke", "what is my name")
    assert told_answer.startswith("Nice to meet you, Alice.")
    assert asked_answer == "Your name is Alice."


def test_the_newest_name_counts() -> None:
    assert converse("my name is alice", "my name is martin", "who am i")[-1] == (
        "Your name is Martin."
    )


@pytest.mark.parametrize("asked", ["what is my name", "do you remember my name", "who am i"])
def test_it_does_not_invent_a_name(asked: str) -> None:
    assert answer(asked).startswith("I do not know yet.")


def test_words_that_are_no_name_are_not_taken_for_one() -> None:
    assert converse("my name is not important", "call me back later", "who am i")[-1].startswith(
        "I do not know yet."
    )


def test_it_adds_up_what_was_misheard() -> None:
    assert answer("what is to plus three") == "Two plus three is five."


def test_it_knows_the_time_and_the_date() -> None:
    assert answer("what time is it") == "It is three forty-five in the afternoon."
    assert answer("what day is it today").startswith("Today is Tuesday, the third of March")


@pytest.mark.parametrize(
    ("asked", "first", "last", "how_many"),
    [
        ("count to thirty", "One", "thirty", 30),
        ("please count from one to ten", "One", "ten", 10),
        ("down from one to ten", "One", "ten", 10),  # "count" is often heard as "down"
        ("pound from one to ten", "One", "ten", 10),
        ("town to thirty", "One", "thirty", 30),
        ("count from to too five please", "Two", "five", 4),
        ("count from 7 to 3", "Seven", "three", 5),
        ("count down from five", "Five", "zero", 6),
        ("can you count", "One", "ten", 10),
    ],
)
def test_it_counts(asked: str, first: str, last: str, how_many: int) -> None:
    counted = answer(asked).removesuffix(".").split(", ")
    assert (counted[0], counted[-1], len(counted)) == (first, last, how_many)


def test_it_stops_counting_at_a_hundred() -> None:
    assert answer("count to a million").endswith(
        "ninety-nine, one hundred. That is enough for now."
    )


def test_it_repeats_what_was_said_as_it_was_written() -> None:
    assert answer("repeat after me the quick brown fox") == "The quick brown fox."
    assert answer("Repeat after me: It's 5 o'clock in Paris!") == "It's 5 o'clock in Paris!"
    assert answer("read the after me that quick brown fox") == "That quick brown fox."
    assert answer("repeat after me") == "With pleasure. What shall I repeat?"


def test_it_spells() -> None:
    assert answer("how do you spell banana") == "Here you are. B, A, N, A, N, A."
    assert converse("my name is bob", "spell my name")[-1] == "Here you are. B, O, B."


def test_each_joke_is_another_one_until_all_are_told() -> None:
    jokes = converse(*["tell me a joke"] * 6)
    assert len(set(jokes[:5])) == 5
    assert jokes[5] == jokes[0]


def test_it_tells_a_story_long_enough_to_be_interrupted() -> None:
    assert 90 <= len(answer("tell me a story").split()) <= 130


def test_it_lists_its_abilities() -> None:
    assert "count" in answer("what can you do")


def test_it_says_its_last_words_again() -> None:
    assert converse("what is two plus two", "what did you say")[-1] == "Two plus two is four."


@pytest.mark.parametrize("asked", ["stop", "stop stop", "okay stop it please", "never mind"])
def test_it_stops_without_many_words(asked: str) -> None:
    assert answer(asked) == "All right."


def test_it_is_polite() -> None:
    assert answer("thank you very much") == "You are welcome!"


@pytest.mark.parametrize("asked", ["goodbye", "good bye", "good by", "by", "bye bye", "Goodbye!"])
def test_goodbye_hangs_up_when_it_may(asked: str) -> None:
    messages = [{"role": "user", "content": asked}]
    assert reply(messages, ("hang_up",), NOW) == Reply(
        "Goodbye! It was nice to talk to you.", (Call("hang_up"),)
    )
    assert reply(messages, (), NOW).calls == ()


@pytest.mark.parametrize(
    "asked", ["six divided by two", "repeat after me goodbye", "i stand by you"]
)
def test_not_every_by_is_a_goodbye(asked: str) -> None:
    assert reply([{"role": "user", "content": asked}], ("hang_up",), NOW).calls == ()


def after_call(tool: str, result: str) -> str:
    call = {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "goodbye"},
        {"role": "assistant", "content": "Goodbye!", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": result},
    ]
    return reply(messages, ("hang_up",), NOW).text


def test_after_hanging_up_it_says_nothing() -> None:
    assert after_call("hang_up", "ok") == ""


def test_it_calls_a_function_by_its_name_and_reads_out_the_result() -> None:
    messages = [{"role": "user", "content": "please get weather for me"}]
    assert reply(messages, ("get_weather",), NOW).calls == (Call("get_weather"),)
    assert after_call("get_weather", "sunny") == "Here is the answer. sunny"


@pytest.mark.parametrize("unclear", ["", "...", "[ ]"])
def test_it_asks_to_repeat_what_it_did_not_hear(unclear: str) -> None:
    assert answer(unclear).endswith("Could you say it again?")


def test_it_admits_to_understand_english_only() -> None:
    assert "English" in answer("\u043f\u0440\u0438\u0432\u0435\u0442")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("i feel tired of my job", "I hear you. Why do you feel tired of your job?"),
        ("i want to talk with you", "I see. Why do you want to talk with me?"),
        ("i think you are nice", "That is interesting. Why do you think I am nice?"),
        ("the sea is blue", 'I heard "the sea is blue". What makes you say so?'),
    ],
)
def test_anything_else_is_turned_round(asked: str, answered: str) -> None:
    assert answer(asked) == answered


def test_a_book_is_not_read_to_its_end() -> None:
    assert len(answer("repeat after me " + "word " * 100_000)) <= 2_001


def test_content_in_parts_is_read() -> None:
    parts = [{"type": "text", "text": "what is two"}, {"type": "text", "text": "plus two"}]
    assert reply([{"role": "user", "content": parts}], (), NOW).text == "Two plus two is four."


def test_without_a_user_it_opens_the_conversation() -> None:
    assert "built-in demo" in reply([{"role": "system", "content": "x"}], (), NOW).text


@pytest.mark.parametrize(
    "asked", ["hello", "what can you do", "tell me a story", "who are you", "tell me a joke"]
)
def test_an_answer_opens_with_few_words_so_that_speech_starts_early(asked: str) -> None:
    opening = answer(asked).replace("?", ".").replace("!", ".").replace(",", ".").split(".")[0]
    assert len(opening.split()) <= 8
