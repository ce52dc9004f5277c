"""What a session asks of any server of tools."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.realtime.mcp_tool import McpTool


class Toolbox(Protocol):
    """One server of tools, for one call."""

    async def tools(self) -> tuple[ToolSpec, ...]:
        """All there are. Raises ToolError."""
        ...

    async def call(self, tool: str, arguments: dict[str, Any]) -> str:
        """What the model is told. Several may run at once; cancelling one stops it as far as that
        can be. Raises ToolError, and ToolboxLost if the server has to be opened again."""
        ...


class ToolShelf(Protocol):
    """One per process: every server of tools that there is."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the operator's own, which every call has."""
        ...

    def open(self, label: str, server: McpTool | None) -> AbstractAsyncContextManager[Toolbox]:
        """`server` None is the operator's of that label, else the client has given it. Entered
        and left in one task. Raises ToolError."""
        ...
