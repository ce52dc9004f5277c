"""An MCP server among the tools of a session.

https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
"""

from typing import Annotated, Literal

from msgspec import Meta

from rtcserver.realtime.base import Wire


class ToolFilter(Wire, frozen=True, kw_only=True):
    """Meets a tool that is among `tool_names` and, where `read_only` is given, is so annotated."""

    tool_names: tuple[str, ...] | None = None
    read_only: bool | None = None


class ApprovalFilter(Wire, frozen=True, kw_only=True):
    always: ToolFilter | None = None
    never: ToolFilter | None = None


class McpTool(Wire, tag="mcp", tag_field="type", frozen=True, kw_only=True):
    """`authorization` and `headers` go to the MCP server and to nobody else."""

    server_label: Annotated[str, Meta(min_length=1, max_length=64)]
    server_url: str | None = None
    connector_id: str | None = None
    server_description: str | None = None
    authorization: str | None = None
    headers: dict[str, str] | None = None
    allowed_tools: tuple[str, ...] | ToolFilter | None = None
    require_approval: Literal["always", "never"] | ApprovalFilter | None = None
