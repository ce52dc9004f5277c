"""The servers whose tools a call can use: the operator's own, and those that the client lists."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from msgspec import structs

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.history import History
from rtcserver.conversation.tool_offer import Offer, make_offer
from rtcserver.conversation.tool_rules import ToolRules, mcp_tools
from rtcserver.conversation.tool_spec import Box, ToolSpec
from rtcserver.realtime.events import mcp as ev
from rtcserver.realtime.events.conversation import ConversationItemAdded, ConversationItemDone
from rtcserver.realtime.events.error import server_error
from rtcserver.realtime.mcp_items import McpListedTool, McpListTools
from rtcserver.realtime.mcp_tool import McpTool
from rtcserver.realtime.session_object import AnyTool
from rtcserver.realtime.session_options import ToolChoice


class Toolboxes:
    """A server is asked for its tools once. What the client lists is told to it as an item; it
    did not ask for the operator's own, and is not told."""

    def __init__(self, rules: ToolRules, history: History, new_id: Callable[[str], str]) -> None:
        self._rules, self._history, self._new_id = rules, history, new_id
        self._boxes = {label: Box(label, label, own=True) for label in rules.own}
        self._listed: dict[str, McpTool] = {}

    @property
    def labels(self) -> Iterable[str]:
        return self._boxes.keys()

    def open(self, tools: Iterable[AnyTool]) -> Iterator[fx.Effect]:
        """The call begins, with these tools in the session."""
        for label in self._rules.own:
            yield fx.OpenToolbox(label, label, None)
        yield from self.configure(tools)

    def configure(self, tools: Iterable[AnyTool]) -> Iterator[fx.Effect]:
        """The session's tools, secrets included, are these from now on."""
        servers = mcp_tools(tools)
        for label, server in self._listed.items():
            if server != servers.get(label) and label not in self._rules.own:
                yield fx.CloseToolbox(self._boxes.pop(label).id)
        for label, server in servers.items():
            if server != self._listed.get(label) and label not in self._rules.own:
                yield from self._open(label, server)
        self._listed = servers

    def listed(self, event: inputs.ToolsListed) -> Iterator[fx.Effect]:
        """A server has told its tools; the client hears of it the first time."""
        if (box := self._find(event.box)) is None:
            return
        self._boxes[box.label] = replace(box, tools=event.tools)
        if box.own or box.tools is not None:
            return
        item = self._history.find(box.id)
        if isinstance(item, McpListTools):
            done = structs.replace(item, tools=tuple(map(_described, event.tools)))
            self._history.replace(done)
            previous = self._history.previous_id(done.id)
            yield fx.Send(ConversationItemDone(previous_item_id=previous, item=done))
        yield fx.Send(ev.McpListToolsCompleted(item_id=box.id))

    def failed(self, event: inputs.ToolsFailed) -> Iterator[fx.Effect]:
        """A server did not tell its tools: the call goes on without them."""
        box = self._find(event.box)
        if box is not None and not box.own and box.tools is None:
            yield fx.Send(ev.McpListToolsFailed(item_id=box.id))
            yield fx.Send(server_error("mcp_list_tools_failed", f"{box.label}: {event.message}"))

    def offer(self, wanted: Iterable[AnyTool], choice: ToolChoice, *, aside: bool) -> Offer:
        """A response `aside` of the conversation has no place for results that come later: it is
        offered only what the client runs."""
        boxes = () if aside else self._boxes.values()
        return make_offer(wanted, choice, boxes, self._rules)

    def _open(self, label: str, server: McpTool) -> Iterator[fx.Effect]:
        item = McpListTools(id=self._new_id("mcpl"), server_label=label)
        self._boxes[label] = Box(item.id, label, own=False)
        previous = self._history.add(item)
        yield fx.Send(ConversationItemAdded(previous_item_id=previous, item=item))
        # agents-js asks for the item as soon as it hears of it.
        yield fx.Send(ev.McpListToolsInProgress(item_id=item.id))
        yield fx.OpenToolbox(item.id, label, server)

    def _find(self, box_id: str) -> Box | None:
        return next((box for box in self._boxes.values() if box.id == box_id), None)


def _described(spec: ToolSpec) -> McpListedTool:
    known = spec.read_only is not None
    return McpListedTool(
        name=spec.name,
        description=spec.description,
        input_schema=spec.parameters,
        annotations={"readOnlyHint": spec.read_only} if known else None,
    )
