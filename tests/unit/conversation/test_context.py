"""Calls and results as the chat model sees them."""

from rtcserver.conversation.context import messages
from rtcserver.realtime.items import FunctionCallOutput, Item
from rtcserver.realtime.mcp_items import (
    McpApprovalRequest,
    McpApprovalResponse,
    McpCall,
    McpListTools,
    McpToolExecutionError,
)

CALL = McpCall(id="i", server_label="crm", name="find", arguments='{"n":1}')
ASKED = McpApprovalRequest(id="r", server_label="crm", name="find", arguments="{}")


def called(call_id: str, arguments: str = '{"n":1}') -> dict[str, object]:
    function = {"name": "find", "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def told(call_id: str, content: str) -> dict[str, object]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def seen(*items: Item) -> list[dict[str, object]]:
    return list(messages("", items))


def replaced(**changes: object) -> McpCall:
    fields = {name: getattr(CALL, name) for name in CALL.__struct_fields__}
    return McpCall(**{**fields, **changes})


def test_a_call_that_runs_has_no_result() -> None:
    assert seen(CALL) == [called("i")]


def test_a_call_that_is_over_has_its_result_or_its_error() -> None:
    assert seen(replaced(output="")) == [called("i"), told("i", "")]
    failed = replaced(error=McpToolExecutionError(message="too slow"))
    assert seen(failed) == [called("i"), told("i", "Error: too slow")]


def test_a_call_that_was_approved_is_one_call() -> None:
    response = McpApprovalResponse(id="a", approval_request_id="r", approve=True)
    done = replaced(approval_request_id="r", output="x")
    assert seen(ASKED, response, done) == [called("r", "{}"), told("r", "x")]


def test_a_call_that_was_refused_has_that_for_its_result() -> None:
    response = McpApprovalResponse(id="a", approval_request_id="r", approve=False, reason="No.")
    refused = "The user did not allow this call. No."
    assert seen(ASKED, response) == [called("r", "{}"), told("r", refused)]


def test_a_list_of_tools_says_nothing() -> None:
    assert seen(McpListTools(id="l", server_label="crm")) == []


def test_a_result_keeps_its_place() -> None:
    output = FunctionCallOutput(id="o", call_id="c", output="1")
    assert seen(output, CALL) == [told("c", "1"), called("i")]
