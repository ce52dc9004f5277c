"""MCP servers that the client lists: told, approved, refused; on the virtual clock."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from rtcserver.config import Settings, Tools
from rtcserver.errors import ToolboxLost, ToolError
from rtcserver.realtime.codec import dump_event
from rtcserver.realtime.events.conversation import ConversationItemDone
from rtcserver.realtime.mcp_items import McpApprovalRequest, McpCall, McpListTools, McpProtocolError
from rtcserver.services.llm.base import ChatEvent, ToolCall
from rtcserver.services.llm.scripted import Reply, ScriptedChat
from rtcserver.services.tools.scripted import ScriptedTool, ScriptedTools
from tests.session.calls import Call, call

T = TypeVar("T")

URL = "https://mcp.example.com/crm"
ALLOWED = Tools(mcp_allowed_urls=("https://mcp.example.com",))
FIND: list[ChatEvent] = [ToolCall("c1", "find", '{"n":1}')]
CREATE = {"type": "response.create"}


def listing(**more: Any) -> dict[str, Any]:
    server = {"type": "mcp", "server_label": "crm", "server_url": URL, **more}
    return {"type": "session.update", "session": {"type": "realtime", "tools": [server]}}


def crm(tool: ScriptedTool | None = None, **others: Any) -> ScriptedTools:
    return ScriptedTools({"find": tool or ScriptedTool("42", read_only=True)}, **others)


def talk(
    tools: ScriptedTools,
    *events: tuple[float, dict[str, Any]],
    chat: Sequence[Reply] = (FIND, "It is forty two."),
    settings: Tools = ALLOWED,
) -> Call:
    """Every event of it is as openai's own types want it."""
    script = [(at, json.dumps(event)) for at, event in events]
    made = call(
        8, tools=tools, settings=Settings(tools=settings), chat=ScriptedChat(chat), events=script
    )
    strict: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
    for _, event in made.wire.said:
        strict.validate_json(dump_event(event))
    return made


def items(made: Call, kind: type[T]) -> list[T]:
    """Those that are done."""
    done = [event.item for _, event in made.wire.said if isinstance(event, ConversationItemDone)]
    return [item for item in done if isinstance(item, kind)]


def test_a_server_is_listed_as_an_item() -> None:
    made = talk(crm(open_s=0.5), (1, listing()))
    begin = made.types.index("session.updated")
    assert made.types[begin:] == [
        "session.updated",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "conversation.item.done",
        "mcp_list_tools.completed",
    ]
    [item] = items(made, McpListTools)
    assert (item.server_label, item.tools[0].name) == ("crm", "find")
    assert item.tools[0].annotations == {"readOnlyHint": True}
    assert item.id == made.event("mcp_list_tools.in_progress").item_id


def test_the_session_tells_no_secrets() -> None:
    made = talk(crm(), (1, listing(authorization="hush", headers={"x-key": "hush"})))
    assert "hush" not in " ".join(dump_event(event) for _, event in made.wire.said)


def test_a_server_that_cannot_be_opened_is_told() -> None:
    made = talk(crm(refuse=ToolboxLost("nobody there")), (1, listing()), (2, CREATE), chat=["Hi."])
    assert made.event("mcp_list_tools.failed").item_id.startswith("mcpl")
    assert made.event("error").error.message == "crm: nobody there"
    assert made.chat.requests[0].tools == ()


@pytest.mark.parametrize(
    ("update", "settings", "param"),
    [
        (listing(), Tools(), "session.tools[0].server_url"),
        (listing(server_url="https://evil.org"), ALLOWED, "session.tools[0].server_url"),
        (listing(server_url=None), ALLOWED, "session.tools[0].server_url"),
        (listing(headers={"Host": "x"}), ALLOWED, "session.tools[0].headers.Host"),
        (listing(connector_id="connector_gmail"), ALLOWED, "session.tools[0].connector_id"),
    ],
)
def test_a_server_that_is_not_allowed_is_refused(
    update: dict[str, Any], settings: Tools, param: str
) -> None:
    tools = crm()
    made = talk(tools, (1, update), settings=settings)
    assert made.event("error").error.param == param
    assert "session.updated" not in made.types
    assert tools.opened == 0


def test_a_server_that_needs_no_approval_is_called_at_once() -> None:
    made = talk(crm(), (1, listing(require_approval="never")), (2, CREATE))
    [done] = items(made, McpCall)
    assert (done.server_label, done.name, done.output) == ("crm", "find", "42")
    assert made.types.count("response.created") == 2


def decision(approve: bool, request_id: str, **more: Any) -> dict[str, Any]:
    item = {"type": "mcp_approval_response", "approval_request_id": request_id, "approve": approve}
    return {
        "type": "conversation.item.create",
        "previous_item_id": request_id,
        "item": {**item, **more},
    }


def asked_for(tools: ScriptedTools) -> str:
    made = talk(tools, (1, listing()), (2, CREATE))
    [request] = items(made, McpApprovalRequest)
    assert (request.name, request.arguments) == ("find", '{"n":1}')
    assert tools.calls == []
    assert made.types.count("response.created") == 1
    return request.id


def test_a_call_waits_for_approval_and_is_made() -> None:
    request_id = asked_for(crm())
    tools = crm()
    made = talk(tools, (1, listing()), (2, CREATE), (4, decision(True, request_id)))
    [done] = items(made, McpCall)
    assert (done.approval_request_id, done.output) == (request_id, "42")
    assert made.first("response.mcp_call.in_progress") == pytest.approx(4, abs=0.05)
    told = [m["content"] for m in made.chat.requests[1].messages if m["role"] == "tool"]
    assert told == ["42"]


def test_a_call_that_is_not_approved_is_not_made_and_the_model_knows() -> None:
    request_id = asked_for(crm())
    tools = crm()
    refusal = decision(False, request_id, reason="Not now.")
    made = talk(tools, (1, listing()), (2, CREATE), (4, refusal))
    assert tools.calls == []
    told = [m["content"] for m in made.chat.requests[1].messages if m["role"] == "tool"]
    assert told == ["The user did not allow this call. Not now."]


def test_an_approval_counts_once_and_only_for_what_was_asked() -> None:
    request_id = asked_for(crm())
    tools = crm()
    made = talk(
        tools,
        (1, listing()),
        (2, CREATE),
        (3, decision(True, "nobody")),
        (4, decision(True, request_id)),
        (4, decision(True, request_id)),
    )
    errors = [e.error.param for _, e in made.wire.said if hasattr(e, "error")]
    assert errors == ["item.approval_request_id"] * 2
    assert len(tools.calls) == 1


def test_a_server_that_is_not_listed_any_more_is_closed() -> None:
    tools = crm()
    none = {"type": "session.update", "session": {"type": "realtime", "tools": []}}
    made = talk(tools, (1, listing()), (2, none), (3, CREATE), chat=["Hi."])
    assert made.chat.requests[0].tools == ()
    assert tools.open_now == 0


def test_a_server_that_stays_is_not_opened_again() -> None:
    tools = crm()
    talk(tools, (1, listing(authorization="a")), (2, listing(authorization="a")))
    assert tools.opened == 1
    talk(tools, (1, listing(authorization="a")), (2, listing(authorization="b")))
    assert tools.opened == 3


def test_a_response_chooses_among_the_servers_of_the_session() -> None:
    chosen = {"type": "mcp", "server_label": "crm", "allowed_tools": []}
    none = {"type": "response.create", "response": {"tools": [chosen]}}
    foreign = {"type": "response.create", "response": {"tools": [{**chosen, "server_label": "x"}]}}
    made = talk(crm(), (1, listing()), (2, foreign), (3, none), chat=["Hi."])
    assert made.event("error").error.param == "response.tools[0].server_label"
    assert made.chat.requests[0].tools == ()


def test_a_client_makes_no_calls_of_its_own() -> None:
    item = {"type": "mcp_call", "id": "x", "server_label": "crm", "name": "find", "arguments": ""}
    made = talk(crm(), (1, {"type": "conversation.item.create", "item": item}))
    assert made.event("error").error.param == "item.type"


def test_a_call_that_fails_is_as_openais_types_want_it() -> None:
    tool = ScriptedTool(ToolError("bad", -32602))
    made = talk(crm(tool), (1, listing(require_approval="never")), (2, CREATE))
    assert "response.mcp_call.failed" in made.types
    assert items(made, McpCall)[0].error == McpProtocolError(code=-32602, message="bad")
