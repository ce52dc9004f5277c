"""What becomes of the function calls that the model makes, and of their results."""

from collections.abc import Callable, Iterator

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.follow_ups import FollowUps
from rtcserver.conversation.response import ResponseLife
from rtcserver.conversation.tool_ledger import ToolLedger
from rtcserver.conversation.tool_offer import Offer
from rtcserver.conversation.tool_runs import ToolRuns
from rtcserver.errors import ProtocolError
from rtcserver.realtime.items import FunctionCall, FunctionCallOutput, Item
from rtcserver.realtime.mcp_items import McpApprovalResponse, McpCall


class ToolCalls:
    """The client runs its functions and sends what came of them, when it wants to. The server's
    own tools are run at once, or when the client has approved it."""

    def __init__(
        self,
        ledger: ToolLedger,
        runs: ToolRuns,
        follow_ups: FollowUps,
        new_id: Callable[[str], str],
    ) -> None:
        self._ledger, self._runs, self._follow_ups = ledger, runs, follow_ups
        self._new_id = new_id

    def made(
        self, life: ResponseLife, offer: Offer, call: inputs.ReplyToolCall
    ) -> Iterator[fx.Effect]:
        """The model has written a whole call."""
        route = offer.routes.get(call.name)
        if route is not None:
            yield from self._runs.made(life, route, call.arguments)
            return
        call_id = self._ledger.enter(call.call_id, life.id)
        events = life.call(self._new_id("item"), call_id, call.name, call.arguments)
        yield from map(fx.Send, events)

    def check(self, item: Item) -> None:
        """An item of the client's is about to be added. Raises ProtocolError if it answers what
        was answered before: a result that is sent twice must not be told twice."""
        match item:
            case FunctionCallOutput(call_id=call_id) if not self._ledger.takes_result(call_id):
                raise ProtocolError(
                    f"The call {call_id} has its result already.",
                    code="invalid_value",
                    param="item.call_id",
                )
            case McpApprovalResponse(approval_request_id=id_) if not self._runs.waits_for(id_):
                raise ProtocolError(
                    f"No call waits for an approval by the id {id_!r}.",
                    code="invalid_value",
                    param="item.approval_request_id",
                )
            case _:
                pass

    def added(self, item: Item) -> Iterator[fx.Effect]:
        """The client has added an item."""
        self._follow_ups.something_new()
        match item:
            case FunctionCall(call_id=call_id):
                self._ledger.enter(call_id, None)
            case FunctionCallOutput(call_id=call_id):
                self._ledger.answer(call_id)
            case McpApprovalResponse(approval_request_id=request_id, approve=approve):
                yield from self._runs.decided(request_id, approve)
            case _:
                pass

    def deleted(self, item: Item) -> Iterator[fx.Effect]:
        """The client has deleted an item."""
        match item:
            case FunctionCallOutput(call_id=call_id):
                self._ledger.retract(call_id)
            case FunctionCall(call_id=call_id):
                self._ledger.abandon(call_id)
            case McpCall(id=call_id) if self._ledger.awaits(call_id):
                self._ledger.abandon(call_id)
                yield fx.CancelTool(call_id)
            case _:
                pass
