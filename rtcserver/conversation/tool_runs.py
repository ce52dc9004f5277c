"""Calls of tools that the server runs: approved, begun, ended once, whoever interrupts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import structs

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.follow_ups import FollowUps
from rtcserver.conversation.history import History
from rtcserver.conversation.response import ResponseLife
from rtcserver.conversation.tool_ledger import OnInterrupt, ToolLedger
from rtcserver.conversation.tool_offer import Route
from rtcserver.conversation.tool_rules import ToolRules
from rtcserver.realtime.events import mcp as ev
from rtcserver.realtime.events.conversation import ConversationItemAdded, ConversationItemDone
from rtcserver.realtime.mcp_items import (
    McpApprovalRequest,
    McpCall,
    McpError,
    McpProtocolError,
    McpToolExecutionError,
)

_CUT = " … (cut, the result was too long)"


@dataclass(frozen=True, slots=True)
class _Made:
    """A call as the model made it, in the place where it stands in its response."""

    response_id: str
    output_index: int
    route: Route
    arguments: str


class ToolRuns:
    """The id of a call's item is its call_id in the ledger."""

    def __init__(
        self,
        history: History,
        ledger: ToolLedger,
        follow_ups: FollowUps,
        rules: ToolRules,
        new_id: Callable[[str], str],
    ) -> None:
        self._history, self._ledger, self._follow_ups = history, ledger, follow_ups
        self._rules, self._new_id = rules, new_id
        self._unapproved: dict[str, _Made] = {}  # by the id of the request
        self._indexes: dict[str, int] = {}  # of running calls in the output of their response

    def made(self, life: ResponseLife, route: Route, arguments: str) -> Iterator[fx.Effect]:
        """The model calls a tool of ours."""
        made = _Made(life.id, len(life.output), route, arguments)
        said: dict[str, Any] = {
            "server_label": route.label,
            "name": route.tool,
            "arguments": arguments,
        }
        if route.needs_approval and _parsed(arguments) is not None:
            request = McpApprovalRequest(id=self._new_id("mcpr"), **said)
            self._unapproved[request.id] = made
            yield from map(fx.Send, life.put(request))
        else:
            call = McpCall(id=self._new_id("mcp"), **said)
            yield from map(fx.Send, life.put(call))
            yield from self._begin(call.id, made)

    def waits_for(self, request_id: str) -> bool:
        """Is there a call that may be approved?"""
        return request_id in self._unapproved

    def decided(self, request_id: str, approve: bool) -> Iterator[fx.Effect]:
        """The client has answered a request for approval."""
        made = self._unapproved.pop(request_id)
        if not approve:  # which is all there is to tell the model
            self._ledger.enter(request_id, made.response_id, OnInterrupt.FINISH_AND_SPEAK)
            self._ledger.answer(request_id)
            return
        call = McpCall(
            id=self._new_id("mcp"),
            server_label=made.route.label,
            name=made.route.tool,
            arguments=made.arguments,
            approval_request_id=request_id,
        )
        previous = self._history.add(call)
        yield fx.Send(ConversationItemAdded(previous_item_id=previous, item=call))
        yield from self._begin(call.id, made)

    def came(self, event: inputs.ToolResult | inputs.ToolFailed) -> Iterator[fx.Effect]:
        """A tool is done. What comes after it was cancelled is ignored."""
        match event:
            case inputs.ToolResult(call_id=call_id, output=output):
                longest = self._rules.max_result_chars
                cut = output if len(output) <= longest else output[:longest] + _CUT
                yield from self._end(call_id, output=cut)
            case inputs.ToolFailed(call_id=call_id, message=message, code=None):
                yield from self._end(call_id, error=McpToolExecutionError(message=message))
            case inputs.ToolFailed(call_id=call_id, message=message, code=int(code)):
                yield from self._end(call_id, error=McpProtocolError(code=code, message=message))

    def interrupt(self) -> Iterator[fx.Effect]:
        """The caller has taken the floor while tools were running."""
        for call_id in self._ledger.interrupt():
            yield fx.CancelTool(call_id)
            error = McpToolExecutionError(message="Cancelled, because the user interrupted.")
            yield from self._end(call_id, error=error)

    def _begin(self, call_id: str, made: _Made) -> Iterator[fx.Effect]:
        route, busy = made.route, self._ledger.running >= self._rules.max_running
        self._ledger.enter(call_id, made.response_id, route.on_interrupt)
        self._indexes[call_id] = made.output_index
        yield fx.Send(ev.ResponseMcpCallInProgress(item_id=call_id, output_index=made.output_index))
        arguments = _parsed(made.arguments)
        if self._follow_ups.exhausted:
            yield from self._refuse(call_id, "Too many calls in a row; answer the user first.")
            self._ledger.tell((call_id,))
        elif busy:
            yield from self._refuse(call_id, "Too many tools are running; try again later.")
        elif arguments is None:
            yield from self._refuse(call_id, "The arguments are no JSON object.")
        else:
            yield fx.RunTool(call_id, route.box, route.tool, arguments)

    def _refuse(self, call_id: str, why: str) -> Iterator[fx.Effect]:
        yield from self._end(call_id, error=McpToolExecutionError(message=why))

    def _end(
        self, call_id: str, *, output: str | None = None, error: McpError | None = None
    ) -> Iterator[fx.Effect]:
        if not self._ledger.awaits(call_id):
            return
        self._ledger.answer(call_id)
        index, item = self._indexes.pop(call_id), self._history.find(call_id)
        kind = ev.ResponseMcpCallCompleted if error is None else ev.ResponseMcpCallFailed
        yield fx.Send(kind(item_id=call_id, output_index=index))
        if isinstance(item, McpCall):
            done = structs.replace(item, output=output, error=error)
            self._history.replace(done)
            previous = self._history.previous_id(call_id)
            yield fx.Send(ConversationItemDone(previous_item_id=previous, item=done))


def _parsed(arguments: str) -> dict[str, Any] | None:
    """None if they are not what every tool takes, a JSON object."""
    try:
        return msgspec.json.decode(arguments or "{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
