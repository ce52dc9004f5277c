"""All that a conversation has to do with tools, built of its parts."""

from collections.abc import Callable, Iterator

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.follow_ups import FollowUps
from rtcserver.conversation.history import History
from rtcserver.conversation.tool_calls import ToolCalls
from rtcserver.conversation.tool_ledger import ToolLedger
from rtcserver.conversation.tool_rules import ToolRules, check_labels
from rtcserver.conversation.tool_runs import ToolRuns
from rtcserver.conversation.toolboxes import Toolboxes
from rtcserver.realtime.base import Absent
from rtcserver.realtime.events.response import ResponseParams


class Tools:
    def __init__(self, rules: ToolRules, history: History, new_id: Callable[[str], str]) -> None:
        self.ledger = ToolLedger(new_id)
        self.follow_ups = FollowUps(self.ledger, rules.max_rounds)
        self.boxes = Toolboxes(rules, history, new_id)
        self.runs = ToolRuns(history, self.ledger, self.follow_ups, rules, new_id)
        self.calls = ToolCalls(self.ledger, self.runs, self.follow_ups, new_id)

    def check(self, params: ResponseParams) -> None:
        """Raises ProtocolError if a response brings servers of its own."""
        if not isinstance(params.tools, Absent):
            check_labels(params.tools, self.boxes.labels, "response.tools")

    def came(self, event: inputs.ToolInput) -> Iterator[fx.Effect]:
        """News from a server of tools."""
        match event:
            case inputs.ToolsListed():
                yield from self.boxes.listed(event)
            case inputs.ToolsFailed():
                yield from self.boxes.failed(event)
            case _:
                yield from self.runs.came(event)
