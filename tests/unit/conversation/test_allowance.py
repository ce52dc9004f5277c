"""How much a client may put into a conversation."""

import pytest

from rtcserver.conversation.allowance import Allowance
from rtcserver.errors import ProtocolError
from rtcserver.realtime.items import FunctionCallOutput


def output(text: str) -> FunctionCallOutput:
    return FunctionCallOutput(call_id="c", output=text)


EMPTY = Allowance(1_000).check(output(""))


def test_what_does_not_fit_is_refused_and_what_was_deleted_makes_room() -> None:
    allowance = Allowance(2 * EMPTY + 10)
    allowance.take("one", allowance.check(output("12345")))
    with pytest.raises(ProtocolError, match=f"at most {2 * EMPTY + 10} bytes") as refused:
        allowance.check(output("123456"))
    assert (refused.value.code, refused.value.param) == ("conversation_too_large", "item")
    assert allowance.check(output("12345")) == EMPTY + 5
    allowance.give_back("one")
    assert allowance.check(output(14 * "x")) == EMPTY + 14


def test_an_item_that_no_client_has_made_gives_nothing_back() -> None:
    allowance = Allowance(EMPTY)
    allowance.give_back("the assistant's")
    with pytest.raises(ProtocolError):
        allowance.check(output("x"))
