from typing import Any

from rtcserver.services.llm.acceptable import acceptable


def system(content: str) -> dict[str, Any]:
    return {"role": "system", "content": content}


def user(content: str) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: str) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def calls(*ids: str) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": [{"id": i} for i in ids]}


def result(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": ""}


HELLO = user("Hello.")


def test_a_well_shaped_conversation_stays_as_it_is() -> None:
    messages = [system("s"), user("a"), assistant("b"), user("c")]
    assert acceptable(messages) == messages


def test_neighbours_of_one_role_are_merged() -> None:
    assert acceptable([user("a"), user("b"), assistant("c"), assistant("d")]) == [
        user("a\nb"),
        assistant("c\nd"),
    ]


def test_the_user_opens() -> None:
    assert acceptable([system("s"), assistant("hi"), user("a")]) == [
        system("s"),
        HELLO,
        assistant("hi"),
        user("a"),
    ]
    assert acceptable([system("s")]) == [system("s"), HELLO]
    assert acceptable([]) == [HELLO]


def test_empty_messages_are_left_out() -> None:
    assert acceptable([user("a"), assistant(""), user("b")]) == [user("a\nb")]


def test_text_and_the_calls_after_it_are_one_message() -> None:
    said = assistant("one moment")
    merged = {**said, "tool_calls": [{"id": "x"}, {"id": "y"}]}
    messages = [user("a"), said, calls("x"), calls("y"), result("x"), result("y")]
    assert acceptable(messages) == [user("a"), merged, result("x"), result("y")]
    assert messages[1] == assistant("one moment")


def test_text_after_a_call_is_not_moved_before_it() -> None:
    messages = [user("a"), calls("x"), result("x"), assistant("later")]
    assert acceptable(messages) == messages


def test_contents_that_are_not_text_are_not_merged() -> None:
    picture = {"role": "user", "content": [{"type": "image_url"}]}
    assert acceptable([user("a"), picture]) == [user("a"), picture]


def test_appending_a_message_leaves_the_beginning_as_it_was() -> None:
    """The server's prefix cache lives on it."""
    turns = [system("s"), user("a"), assistant("b"), user("c"), assistant("d"), user("e")]
    for n in range(2, len(turns)):
        assert acceptable(turns)[:n] == acceptable(turns[:n])


def test_results_stand_right_behind_their_calls() -> None:
    """The caller went on speaking while the client was at work."""
    messages = [user("a"), calls("x"), calls("y"), user("b"), result("y"), result("x"), user("c")]
    assert acceptable(messages) == [
        user("a"),
        calls("x", "y") | {"content": ""},
        result("x"),
        result("y"),
        user("b\nc"),
    ]


def test_calls_one_after_the_other_stay_so() -> None:
    messages = [user("a"), calls("x"), result("x"), calls("y"), result("y")]
    assert acceptable(messages) == messages


def test_a_call_without_its_result_gets_one_that_says_so() -> None:
    """OpenAI refuses the conversation otherwise, this time and ever after."""
    pending = {"role": "tool", "tool_call_id": "x", "content": "There is no result yet."}
    assert acceptable([user("a"), calls("x"), user("b")]) == [
        user("a"),
        calls("x"),
        pending,
        user("b"),
    ]


def test_a_result_without_its_call_is_left_out() -> None:
    assert acceptable([user("a"), result("x"), user("b")]) == [user("a\nb")]
