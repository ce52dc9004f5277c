"""A tool as its server describes it, and a server as far as it is known."""

from dataclasses import dataclass
from typing import Any

from rtcserver.conversation.tool_ledger import OnInterrupt


@dataclass(frozen=True, slots=True)
class ToolSpec:
    name: str
    description: str
    parameters: dict[str, Any]
    """JSON schema of an object."""
    read_only: bool | None = None
    on_interrupt: OnInterrupt | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A server of tools within one call; `id` tells its connection from an earlier one."""

    id: str
    label: str
    own: bool
    """The operator's, which every call has."""
    tools: tuple[ToolSpec, ...] | None = None
    """None until they are known."""
