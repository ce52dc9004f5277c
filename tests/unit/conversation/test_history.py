import pytest

from rtcserver.conversation.context import messages
from rtcserver.conversation.history import History
from rtcserver.errors import ProtocolError
from rtcserver.realtime.items import (
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    InputText,
    Message,
    OutputAudio,
)


def user(item_id: str, text: str = "hi") -> Message:
    return Message(id=item_id, role="user", content=(InputText(text=text),))


def test_items_go_to_the_end_the_root_or_behind_another() -> None:
    history = History()
    assert history.add(user("a")) is None
    assert history.add(user("b")) == "a"
    assert history.add(user("c"), "a") == "a"
    assert history.add(user("d"), "root") is None
    assert [item.id for item in history] == ["d", "a", "c", "b"]


@pytest.mark.parametrize(
    ("item", "after", "param"),
    [(user("a"), None, "item.id"), (user("b"), "nobody", "previous_item_id")],
)
def test_a_wrong_place_is_refused_by_name(item: Message, after: str | None, param: str) -> None:
    history = History()
    history.add(user("a"))
    with pytest.raises(ProtocolError) as caught:
        history.add(item, after)
    assert caught.value.param == param
    assert len(list(history)) == 1


def test_a_deleted_item_is_gone() -> None:
    history = History()
    history.add(user("a"))
    history.delete("a")
    with pytest.raises(ProtocolError):
        history.get("a")


def test_the_chat_model_is_told_what_was_heard_and_called() -> None:
    history = History()
    said = (InputAudio(transcript="what time is it"),)
    history.add(Message(id="a", role="user", content=said))
    history.add(FunctionCall(id="b", call_id="c1", name="clock", arguments="{}"))
    history.add(FunctionCallOutput(id="c", call_id="c1", output="noon"))
    heard = (OutputAudio(transcript="It is"),)
    history.add(Message(id="d", role="assistant", status="incomplete", content=heard))
    history.add(Message(id="e", role="assistant", content=(OutputAudio(transcript=""),)))
    assert messages("Be brief.", history, "thanks") == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "what time is it"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "clock", "arguments": "{}"},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
        {"role": "assistant", "content": "It is"},
        {"role": "user", "content": "thanks"},
    )


def test_an_id_may_come_again_once_its_item_is_gone_and_in_another_place() -> None:
    history = History()
    history.add(user("a"))
    history.add(user("b"))
    history.delete("a")
    assert history.add(user("a", "again")) == "b"
    assert history.previous_id("a") == "b"
    assert list(history) == [user("b"), user("a", "again")]
