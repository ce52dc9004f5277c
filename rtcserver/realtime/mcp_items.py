"""The items of tools that the server runs for the model: listed, called, and approved.

https://platform.openai.com/docs/guides/realtime-mcp
"""

from typing import Any

from rtcserver.realtime.base import ABSENT, Absent, Wire


class McpListedTool(Wire, frozen=True, kw_only=True):
    """`description` has to be a string for agents-js; `input_schema` is a JSON schema."""

    name: str
    description: str = ""
    input_schema: dict[str, Any]
    annotations: dict[str, Any] | None = None


class McpListTools(Wire, tag="mcp_list_tools", tag_field="type", frozen=True, kw_only=True):
    id: str
    server_label: str
    tools: tuple[McpListedTool, ...] = ()


class McpProtocolError(Wire, tag="protocol_error", tag_field="type", frozen=True, kw_only=True):
    """The tool's server refused the call, or could not be understood; `code` is JSON-RPC's."""

    code: int
    message: str


class McpToolExecutionError(
    Wire, tag="tool_execution_error", tag_field="type", frozen=True, kw_only=True
):
    """The tool itself failed, took too long, or was cancelled."""

    message: str


McpError = McpProtocolError | McpToolExecutionError


class McpCall(Wire, tag="mcp_call", tag_field="type", frozen=True, kw_only=True):
    """Its `output` and `error` are both null as long as the tool runs."""

    id: str
    server_label: str
    name: str
    arguments: str
    approval_request_id: str | None = None
    output: str | None = None
    error: McpError | None = None


class McpApprovalRequest(
    Wire, tag="mcp_approval_request", tag_field="type", frozen=True, kw_only=True
):
    id: str
    server_label: str
    name: str
    arguments: str


class McpApprovalResponse(
    Wire, tag="mcp_approval_response", tag_field="type", frozen=True, kw_only=True
):
    """The only one of these that a client makes."""

    id: str | Absent = ABSENT
    approval_request_id: str
    approve: bool
    reason: str | None = None
