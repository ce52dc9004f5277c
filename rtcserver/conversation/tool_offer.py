"""Which tools a response may call: under which name, who runs each, and who has to approve."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtcserver.conversation.context import function_tools
from rtcserver.conversation.tool_filters import needs_approval, offered
from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.conversation.tool_rules import ToolRules, mcp_tools
from rtcserver.conversation.tool_spec import Box, ToolSpec
from rtcserver.realtime.session_object import AnyTool, Tool
from rtcserver.realtime.session_options import ToolChoice, ToolChoiceFunction, ToolChoiceMcp

# What chat completions allows for the name of a function.
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes."""

    box: str
    label: str
    tool: str
    """As its server calls it."""
    needs_approval: bool
    on_interrupt: OnInterrupt


@dataclass(frozen=True, slots=True)
class Offer:
    """`tools` and `choice` as chat completions spells them. A name without a route is a function
    of the client's."""

    tools: tuple[dict[str, Any], ...] = ()
    choice: str | dict[str, Any] | None = None
    routes: Mapping[str, Route] = field(default_factory=dict[str, Route])


def make_offer(
    wanted: Iterable[AnyTool], choice: ToolChoice, boxes: Iterable[Box], rules: ToolRules
) -> Offer:
    """`wanted` are the tools of the response, or else of the session. The operator's own are
    offered even if they are not among them."""
    wanted = tuple(wanted)
    servers, functions = mcp_tools(wanted), list(function_tools(wanted))
    taken = {tool.name for tool in wanted if isinstance(tool, Tool)}
    routes: dict[str, Route] = {}
    for box in boxes:
        server = servers.get(box.label)
        if server is None and not box.own:
            continue
        for spec in (spec for spec in box.tools or () if offered(server, spec)):
            name = _free_name(box.label, spec.name, taken | routes.keys())
            routes[name] = Route(
                box.id,
                box.label,
                spec.name,
                needs_approval(server, spec, own=box.own),
                rules.policy(box.label, spec.name, spec.on_interrupt),
            )
            functions.append(_function(name, spec))
    return Offer(tuple(functions), _choice(choice, routes) if functions else None, routes)


def _free_name(label: str, tool: str, taken: Container[str]) -> str:
    """Functions of the client keep their names; two servers may have tools of one name."""
    name = _NOT_IN_NAMES.sub("_", tool)[:_LONGEST_NAME]
    number = 1
    while not name or name in taken:
        number += 1
        whole = tool if number == 2 else f"{tool}_{number}"
        name = _NOT_IN_NAMES.sub("_", f"{label}_{whole}")[-_LONGEST_NAME:]
    return name


def _function(name: str, spec: ToolSpec) -> dict[str, Any]:
    described = {"description": spec.description, "parameters": spec.parameters}
    return {"type": "function", "function": {"name": name, **described}}


def _choice(choice: ToolChoice, routes: Mapping[str, Route]) -> str | dict[str, Any]:
    """Of one function, by the name it is offered under. A choice among the tools of one server
    is beyond chat completions: then it is any tool."""
    match choice:
        case ToolChoiceMcp(server_label=label, name=str(tool)):
            names = [n for n, r in routes.items() if (r.label, r.tool) == (label, tool)]
            return _one(names[0]) if names else "auto"
        case ToolChoiceMcp():
            return "required" if routes else "auto"
        case ToolChoiceFunction(name=name):
            return _one(name)
        case _:
            return choice


def _one(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}
