"""mcp_list_tools.*, response.mcp_call*.*: tools that the server finds and runs for the model."""

from rtcserver.realtime.base import ServerEvent


class _OfList(ServerEvent, frozen=True, kw_only=True):
    item_id: str


class McpListToolsInProgress(_OfList, tag="mcp_list_tools.in_progress", frozen=True, kw_only=True):
    pass


class McpListToolsCompleted(_OfList, tag="mcp_list_tools.completed", frozen=True, kw_only=True):
    pass


class McpListToolsFailed(_OfList, tag="mcp_list_tools.failed", frozen=True, kw_only=True):
    pass


class _OfCall(ServerEvent, frozen=True, kw_only=True):
    """`output_index` is of the response that made the call; it may be over by now."""

    item_id: str
    output_index: int


class _OfArguments(_OfCall, frozen=True, kw_only=True):
    response_id: str


class ResponseMcpCallArgumentsDelta(
    _OfArguments, tag="response.mcp_call_arguments.delta", frozen=True, kw_only=True
):
    """`obfuscation` has to be a string for agents-js."""

    delta: str
    obfuscation: str = ""


class ResponseMcpCallArgumentsDone(
    _OfArguments, tag="response.mcp_call_arguments.done", frozen=True, kw_only=True
):
    arguments: str


class ResponseMcpCallInProgress(
    _OfCall, tag="response.mcp_call.in_progress", frozen=True, kw_only=True
):
    pass


class ResponseMcpCallCompleted(
    _OfCall, tag="response.mcp_call.completed", frozen=True, kw_only=True
):
    pass


class ResponseMcpCallFailed(_OfCall, tag="response.mcp_call.failed", frozen=True, kw_only=True):
    pass
