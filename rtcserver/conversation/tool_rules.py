"""What the operator allows of tools, and what that makes of a client's wishes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec import structs

from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import Absent
from rtcserver.realtime.mcp_tool import McpTool
from rtcserver.realtime.server_url import allowed
from rtcserver.realtime.session_object import AnySession, AnyTool, RealtimeSession

# With these a request could mean another server than its URL does, or another length.
_RESERVED = {"host", "connection", "content-length", "transfer-encoding"}
_MOST_SERVERS = 16  # each is a connection that we open because somebody says so


@dataclass(frozen=True, slots=True)
class ToolRules:
    own: tuple[str, ...] = ()
    """Labels of the operator's own tools; they are offered in every call."""
    allowed_urls: tuple[str, ...] = ()
    """Below which a client may name MCP servers."""
    on_interrupt: Mapping[str, OnInterrupt] = field(default_factory=dict[str, OnInterrupt])
    """By "label.tool" or "label"."""
    max_rounds: int = 5
    max_running: int = 8
    max_result_chars: int = 16_000

    def policy(self, label: str, tool: str, own: OnInterrupt | None) -> OnInterrupt:
        """`own` is what the tool itself asks for."""
        set_for = self.on_interrupt.get(f"{label}.{tool}") or self.on_interrupt.get(label)
        return set_for or own or OnInterrupt.FINISH_SILENTLY


def mcp_tools(tools: Iterable[AnyTool]) -> dict[str, McpTool]:
    """Those of `tools` that are MCP servers, by their label."""
    return {tool.server_label: tool for tool in tools if isinstance(tool, McpTool)}


def without_secrets(session: AnySession) -> AnySession:
    """As others may see it: not with the keys of its servers of tools."""
    if not isinstance(session, RealtimeSession) or isinstance(session.tools, Absent):
        return session
    tools = tuple(
        structs.replace(tool, authorization=None, headers=None)
        if isinstance(tool, McpTool)
        else tool
        for tool in session.tools
    )
    return structs.replace(session, tools=tools)


def check_servers(tools: Iterable[AnyTool], rules: ToolRules, param: str) -> None:
    """Raises ProtocolError for a server that may not be reached; `param` is where `tools` are."""
    labels: set[str] = set()
    for index, tool in enumerate(tools):
        if not isinstance(tool, McpTool):
            continue
        where = f"{param}[{index}]"
        if tool.server_label in labels or len(labels) == _MOST_SERVERS:
            what = f"Labels have to differ, and there are at most {_MOST_SERVERS} servers."
            raise _wrong(what, f"{where}.server_label")
        labels.add(tool.server_label)
        _check(tool, rules, where)


def _check(tool: McpTool, rules: ToolRules, where: str) -> None:
    if tool.connector_id is not None:
        what = "There are no connectors here; give the server_url of an MCP server."
        raise _wrong(what, f"{where}.connector_id", code="unsupported_parameter")
    if reserved := sorted(name for name in tool.headers or {} if name.lower() in _RESERVED):
        raise _wrong("This header is not the client's to set.", f"{where}.headers.{reserved[0]}")
    if tool.server_label in rules.own:
        if tool.server_url is not None:
            what = f"{tool.server_label} is a server of the operator; leave its URL out."
            raise _wrong(what, f"{where}.server_url")
    elif tool.server_url is None:
        known = ", ".join(rules.own) or "none"
        what = f"Needed, since {tool.server_label} is no server of the operator (known: {known})."
        raise _wrong(what, f"{where}.server_url", code="missing_required_parameter")
    elif not allowed(tool.server_url, rules.allowed_urls):
        what = "The operator of this server does not allow MCP servers at this URL."
        raise _wrong(what, f"{where}.server_url", code="mcp_server_not_allowed")


def check_labels(tools: Iterable[AnyTool], known: Iterable[str], param: str) -> None:
    """One response can choose among the session's servers, and bring none of its own. Raises
    ProtocolError."""
    labels = set(known)
    for index, tool in enumerate(tools):
        if isinstance(tool, McpTool) and tool.server_label not in labels:
            what = f"List {tool.server_label} in session.tools first; a response can only choose."
            raise _wrong(what, f"{param}[{index}].server_label")


def _wrong(what: str, param: str, code: str = "invalid_value") -> ProtocolError:
    return ProtocolError(what, code=code, param=param)
