"""What becomes of the function calls that the model makes, and of their results."""

from collections.abc import Callable, Iterator

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.response import ResponseLife
from rtcserver.conversation.tool_ledger import ToolLedger
from rtcserver.errors import ProtocolError
from rtcserver.realtime.items import FunctionCall, FunctionCallOutput, Item


class ToolCalls:
    """The client runs its functions and sends what came of them, when it wants to."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._ledger = ToolLedger(new_id)

    def made(self, life: ResponseLife, call: inputs.ReplyToolCall) -> Iterator[fx.Effect]:
        """The model has written a whole call."""
        call_id = self._ledger.enter(call.call_id, life.id)
        events = life.call(self._new_id("item"), call_id, call.name, call.arguments)
        yield from map(fx.Send, events)

    def check(self, item: Item) -> None:
        """An item of the client's is about to be added. Raises ProtocolError if it is a result
        and there is one already: a result that is sent twice must not be told twice."""
        if isinstance(item, FunctionCallOutput) and not self._ledger.takes_result(item.call_id):
            raise ProtocolError(
                f"The call {item.call_id} has its result already.",
                code="invalid_value",
                param="item.call_id",
            )

    def added(self, item: Item) -> None:
        """The client added an item of the conversation."""
        match item:
            case FunctionCall(call_id=call_id):
                self._ledger.enter(call_id, None)
            case FunctionCallOutput(call_id=call_id):
                self._ledger.answer(call_id)
            case _:
                pass

    def deleted(self, item: Item) -> None:
        match item:
            case FunctionCallOutput(call_id=call_id):
                self._ledger.retract(call_id)
            case FunctionCall(call_id=call_id):
                self._ledger.abandon(call_id)
            case _:
                pass
