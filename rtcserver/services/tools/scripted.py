"""Tools that do what their script says. For tests and demos."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.errors import ToolError
from rtcserver.realtime.mcp_tool import McpTool


@dataclass(frozen=True, slots=True)
class ScriptedTool:
    """Takes its time, and says `result` or raises it."""

    result: str | ToolError = "done"
    seconds: float = 0.0
    on_interrupt: OnInterrupt | None = None
    read_only: bool | None = None


class ScriptedTools:
    """The same tools under every label. `open_now` counts boxes that are open; `calls` has the
    arguments of each call in order, `finished` those that were not cancelled."""

    def __init__(
        self,
        tools: Mapping[str, ScriptedTool],
        *,
        labels: tuple[str, ...] = (),
        open_s: float = 0.0,
        refuse: ToolError | None = None,
    ) -> None:
        """`refuse` is raised when a box is opened, which takes `open_s`."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.finished: list[str] = []
        self.open_now = 0
        self.opened = 0
        self.labels = labels
        self.refuse = refuse
        self._tools, self._open_s = tools, open_s

    @asynccontextmanager
    async def open(
        self, label: str, server: McpTool | None
    ) -> AsyncGenerator["ScriptedTools", None]:
        await asyncio.sleep(self._open_s)
        self.opened += 1
        if self.refuse is not None:
            raise self.refuse
        self.open_now += 1
        try:
            yield self
        finally:
            self.open_now -= 1

    async def tools(self) -> tuple[ToolSpec, ...]:
        schema = {"type": "object", "properties": {}}
        return tuple(
            ToolSpec(name, f"Does {name}.", schema, tool.read_only, tool.on_interrupt)
            for name, tool in self._tools.items()
        )

    async def call(self, tool: str, arguments: dict[str, Any]) -> str:
        self.calls.append((tool, arguments))
        script = self._tools[tool]
        await asyncio.sleep(script.seconds)
        self.finished.append(tool)
        if isinstance(script.result, ToolError):
            raise script.result
        return script.result
