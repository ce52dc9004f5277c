"""Every server of tools that this process knows: the operator's by label, any other by its URL."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from rtcserver.errors import ToolError
from rtcserver.realtime.mcp_tool import McpTool
from rtcserver.services.tools.base import Toolbox

Opening = Callable[[], AbstractAsyncContextManager[Toolbox]]


class Shelf:
    def __init__(
        self,
        own: Mapping[str, Opening],
        given: Callable[[McpTool], AbstractAsyncContextManager[Toolbox]] | None = None,
    ) -> None:
        """`given` opens what a client names, if the operator allows that at all."""
        self._own, self._given = own, given

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self._own)

    def open(self, label: str, server: McpTool | None) -> AbstractAsyncContextManager[Toolbox]:
        if server is None:
            return self._own[label]()
        if self._given is None:
            raise ToolError("The operator allows no MCP servers.")
        return self._given(server)
