from typing import Any

import msgspec
import pytest

from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.conversation.tool_offer import Offer, make_offer
from rtcserver.conversation.tool_rules import ToolRules, check_servers, without_secrets
from rtcserver.conversation.tool_spec import Box, ToolSpec
from rtcserver.errors import ProtocolError
from rtcserver.realtime.session_object import AnyTool, RealtimeSession
from rtcserver.realtime.session_options import ToolChoice

FIND = ToolSpec("find", "Finds.", {"type": "object"}, read_only=True)
DROP = ToolSpec("drop", "Drops.", {"type": "object"}, on_interrupt=OnInterrupt.CANCEL)
OWN = Box("own", "own", own=True, tools=(FIND, DROP))
CRM = Box("mcpl_1", "crm", own=False, tools=(FIND, DROP))
RULES = ToolRules(own=("own",), allowed_urls=("https://mcp.example.com",))


def tools(*objects: dict[str, Any]) -> tuple[AnyTool, ...]:
    return msgspec.convert(objects, tuple[AnyTool, ...])


def crm(**more: Any) -> dict[str, Any]:
    url = "https://mcp.example.com/crm"
    return {"type": "mcp", "server_label": "crm", "server_url": url, **more}


def offer(*listed: dict[str, Any], choice: Any = "auto", boxes: tuple[Box, ...] = (CRM,)) -> Offer:
    return make_offer(tools(*listed), msgspec.convert(choice, ToolChoice), boxes, RULES)


def names(made: Offer) -> list[str]:
    return [tool["function"]["name"] for tool in made.tools]


def unapproved(made: Offer) -> list[str]:
    return [name for name, route in made.routes.items() if not route.needs_approval]


def test_the_operators_own_are_offered_whatever_the_client_lists() -> None:
    assert names(offer(boxes=(OWN,))) == ["find", "drop"]
    assert unapproved(offer(boxes=(OWN,))) == ["find", "drop"]


def test_other_servers_are_offered_only_if_they_are_listed() -> None:
    assert names(offer()) == []
    assert offer().choice is None
    assert names(offer(crm())) == ["find", "drop"]


def test_a_server_whose_tools_are_not_known_yet_offers_none() -> None:
    assert names(offer(crm(), boxes=(Box("mcpl_1", "crm", own=False),))) == []


@pytest.mark.parametrize(
    ("allowed_tools", "expected"),
    [
        (None, ["find", "drop"]),
        (["drop", "else"], ["drop"]),
        ([], []),
        ({"tool_names": ["find"]}, ["find"]),
        ({"read_only": True}, ["find"]),
        ({"read_only": False}, ["drop"]),
        ({"read_only": True, "tool_names": ["drop"]}, []),
        ({}, []),
    ],
)
def test_a_client_allows_some_of_the_tools(allowed_tools: Any, expected: list[str]) -> None:
    assert names(offer(crm(allowed_tools=allowed_tools))) == expected


@pytest.mark.parametrize(
    ("require_approval", "free"),
    [
        (None, []),
        ("always", []),
        ("never", ["find", "drop"]),
        ({"never": {"tool_names": ["drop"]}}, ["drop"]),
        ({"never": {"read_only": True}}, ["find"]),
        ({"always": {"tool_names": ["drop"]}}, []),
        ({"always": {"tool_names": ["drop"]}, "never": {"tool_names": ["find"]}}, ["find"]),
    ],
)
def test_a_client_is_asked_unless_it_says_never(require_approval: Any, free: list[str]) -> None:
    assert unapproved(offer(crm(require_approval=require_approval))) == free


def test_a_client_may_want_to_approve_the_operators_own() -> None:
    own = {"type": "mcp", "server_label": "own"}
    filtered = {**own, "require_approval": {"always": {"tool_names": ["drop"]}}}
    assert unapproved(offer({**own, "require_approval": "always"}, boxes=(OWN,))) == []
    assert unapproved(offer(filtered, boxes=(OWN,))) == ["find"]


def test_names_are_such_as_chat_completions_takes_and_each_is_one_tool() -> None:
    odd = Box("o", "own", own=True, tools=(ToolSpec("a.b/c", "", {}), ToolSpec("x" * 99, "", {})))
    function = {"type": "function", "name": "find"}
    made = offer(function, crm(), boxes=(OWN, CRM, odd))
    assert names(made) == [
        "find",
        "own_find",
        "drop",
        "crm_find",
        "crm_drop",
        "a_b_c",
        "x" * 64,
    ]
    assert made.routes["a_b_c"].tool == "a.b/c"


def test_a_third_tool_of_one_name_gets_a_number() -> None:
    twice = Box("own", "own", own=True, tools=(FIND, FIND, FIND))
    assert names(offer(boxes=(twice,))) == ["find", "own_find", "own_find_3"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("required", "required"),
        ({"type": "function", "name": "find"}, {"function": {"name": "find"}}),
        ({"type": "mcp", "server_label": "crm", "name": "drop"}, {"function": {"name": "drop"}}),
        ({"type": "mcp", "server_label": "crm", "name": "nothing"}, "auto"),
        ({"type": "mcp", "server_label": "crm"}, "required"),
    ],
)
def test_a_choice_is_spelt_as_chat_completions_does(choice: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        expected = {"type": "function", **expected}
    assert offer(crm(), choice=choice).choice == expected


def test_a_setting_beats_what_a_tool_asks_for() -> None:
    rules = ToolRules(
        on_interrupt={"own": OnInterrupt.CANCEL, "own.find": OnInterrupt.FINISH_AND_SPEAK}
    )
    routes = make_offer((), "auto", (OWN,), rules).routes
    assert routes["find"].on_interrupt is OnInterrupt.FINISH_AND_SPEAK
    assert routes["drop"].on_interrupt is OnInterrupt.CANCEL
    assert offer(boxes=(OWN,)).routes["find"].on_interrupt is OnInterrupt.FINISH_SILENTLY
    assert offer(boxes=(OWN,)).routes["drop"].on_interrupt is OnInterrupt.CANCEL


@pytest.mark.parametrize(
    ("listed", "code", "param"),
    [
        (crm(server_url="https://evil.org/"), "mcp_server_not_allowed", "[1].server_url"),
        (crm(server_url=None), "missing_required_parameter", "[1].server_url"),
        (crm(connector_id="connector_gmail"), "unsupported_parameter", "[1].connector_id"),
        (crm(server_label="own"), "invalid_value", "[1].server_url"),
        (crm(server_label="first"), "invalid_value", "[1].server_label"),
    ],
)
def test_a_server_that_may_not_be_reached_is_refused_by_field(
    listed: dict[str, Any], code: str, param: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        check_servers(tools(crm(server_label="first"), listed), RULES, "session.tools")
    assert (caught.value.code, caught.value.param) == (code, f"session.tools{param}")


def test_servers_are_counted() -> None:
    many = tools(*(crm(server_label=f"s{n}") for n in range(17)))
    check_servers(many[:16], RULES, "session.tools")
    with pytest.raises(ProtocolError):
        check_servers(many, RULES, "session.tools")


def test_secrets_of_a_server_are_shown_to_nobody() -> None:
    listed = tools(crm(authorization="key", headers={"x-key": "key"}))
    shown = msgspec.json.encode(without_secrets(RealtimeSession(tools=listed))).decode()
    assert "crm" in shown
    assert "key" not in shown
