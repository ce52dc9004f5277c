"""What a client's filters let through: which tools may be called, and which need its approval."""

from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.realtime.mcp_tool import McpTool, ToolFilter


def offered(server: McpTool | None, spec: ToolSpec) -> bool:
    """`server` is None for one of the operator's own that the client does not list."""
    allowed = server.allowed_tools if server else None
    if isinstance(allowed, ToolFilter):
        return _meets(allowed, spec)
    return allowed is None or spec.name in allowed


def needs_approval(server: McpTool | None, spec: ToolSpec, *, own: bool) -> bool:
    """The operator's own tools need none unless the client wants it; others need it unless the
    client says never. A filter that speaks of other tools leaves it at that."""
    wish = server.require_approval if server else None
    match wish:
        case None:
            return not own
        case str():
            return wish == "always"
        case _:
            if wish.never is not None and _meets(wish.never, spec):
                return False
            return not own or (wish.always is not None and _meets(wish.always, spec))


def _meets(wanted: ToolFilter, spec: ToolSpec) -> bool:
    """A filter without any condition meets nothing: it names no tool."""
    if wanted.tool_names is None and wanted.read_only is None:
        return False
    named = wanted.tool_names is None or spec.name in wanted.tool_names
    return named and wanted.read_only in (None, bool(spec.read_only))
