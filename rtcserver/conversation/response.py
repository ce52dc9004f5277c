"""The life of one response: its events, in the order that the contract wants."""

from collections.abc import Iterator
from typing import Any

from msgspec import structs

from rtcserver.conversation.history import History
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.events.conversation import ConversationItemAdded, ConversationItemDone
from rtcserver.realtime.events.mcp import (
    ResponseMcpCallArgumentsDelta,
    ResponseMcpCallArgumentsDone,
)
from rtcserver.realtime.items import FunctionCall, Item, Message, OutputAudio, OutputText, Status
from rtcserver.realtime.mcp_items import McpApprovalRequest, McpCall


class ResponseLife:
    """created → (item, part, deltas)* → done. Each step returns the events it causes.

    The message item appears with its first text, so that a response which only calls a
    function has no empty message.
    """

    def __init__(self, response: ev.Response, item_id: str, history: History | None) -> None:
        """`response` as it is at first. Without a history its items belong to nothing else."""
        self.id = response.id
        self.item_id = item_id
        self.status: ev.ResponseStatus = "in_progress"
        self.text = ""
        self.spoken = response.output_modalities == ("audio",)
        self._first = response
        self._history = history
        self.output: list[Item] = []
        self._message_index: int | None = None

    @property
    def in_conversation(self) -> bool:
        return self._history is not None

    @property
    def over(self) -> bool:
        return self.status != "in_progress"

    def created(self) -> Iterator[ServerEvent]:
        yield ev.ResponseCreated(response=self._first)
        yield ev.RateLimitsUpdated()

    def say(self, delta: str) -> Iterator[ServerEvent]:
        """A piece of what the assistant says."""
        if self._message_index is None:
            yield from self._open_message()
        self.text += delta
        if self.spoken:
            yield ev.ResponseOutputAudioTranscriptDelta(**self._where(), delta=delta)
        else:
            yield ev.ResponseOutputTextDelta(**self._where(), delta=delta)

    def call(self, item_id: str, call_id: str, name: str, arguments: str) -> Iterator[ServerEvent]:
        """A whole function call."""
        where: dict[str, Any] = {"response_id": self.id, "output_index": len(self.output)}
        of_item = {**where, "item_id": item_id, "call_id": call_id}
        item = FunctionCall(id=item_id, call_id=call_id, name=name, arguments="")
        opened = structs.replace(item, status="in_progress")
        self.output.append(opened)
        yield ev.ResponseOutputItemAdded(**where, item=opened)
        yield from self._added(opened)
        yield ev.ResponseFunctionCallArgumentsDelta(**of_item, delta=arguments)
        yield ev.ResponseFunctionCallArgumentsDone(**of_item, name=name, arguments=arguments)
        yield from self._finish_item(where, structs.replace(item, arguments=arguments))

    def put(self, item: McpCall | McpApprovalRequest) -> Iterator[ServerEvent]:
        """A whole call of a tool that the server runs, or the wish to run it. A call's item is
        done when the tool is, which may be long after the response."""
        where: dict[str, Any] = {"response_id": self.id, "output_index": len(self.output)}
        self.output.append(item)
        yield ev.ResponseOutputItemAdded(**where, item=item)
        yield from self._added(item)
        if isinstance(item, McpApprovalRequest):
            yield from self._finish_item(where, item)
        else:
            said = item.arguments
            yield ResponseMcpCallArgumentsDelta(**where, item_id=item.id, delta=said)
            yield ResponseMcpCallArgumentsDone(**where, item_id=item.id, arguments=said)
            yield ev.ResponseOutputItemDone(**where, item=item)

    def done(
        self,
        status: ev.ResponseStatus,
        *,
        details: dict[str, Any] | None = None,
        usage: ev.Usage | None = None,
    ) -> Iterator[ServerEvent]:
        """The end, whatever it is. Nothing may follow."""
        self.status = status
        if self._message_index is not None:
            yield from self._close_message("completed" if status == "completed" else "incomplete")
        response = structs.replace(
            self._first,
            status=status,
            status_details=details,
            output=tuple(self.output),
            usage=usage,
        )
        yield ev.ResponseDone(response=response)

    def _open_message(self) -> Iterator[ServerEvent]:
        self._message_index = len(self.output)
        item = Message(id=self.item_id, status="in_progress", role="assistant", content=())
        self.output.append(item)
        part = ev.SpokenPart() if self.spoken else ev.WrittenPart()
        yield ev.ResponseOutputItemAdded(
            response_id=self.id, output_index=self._message_index, item=item
        )
        yield from self._added(item)
        yield ev.ResponseContentPartAdded(**self._where(), part=part)

    def _close_message(self, status: Status) -> Iterator[ServerEvent]:
        assert self._message_index is not None
        where = self._where()
        part: ev.SpokenPart | ev.WrittenPart
        content: OutputAudio | OutputText
        if self.spoken:
            yield ev.ResponseOutputAudioDone(**where)
            yield ev.ResponseOutputAudioTranscriptDone(**where, transcript=self.text)
            part, content = ev.SpokenPart(transcript=self.text), OutputAudio(transcript=self.text)
        else:
            yield ev.ResponseOutputTextDone(**where, text=self.text)
            part, content = ev.WrittenPart(text=self.text), OutputText(text=self.text)
        yield ev.ResponseContentPartDone(**where, part=part)
        yield from self._finish_item(
            {"response_id": self.id, "output_index": self._message_index},
            Message(id=self.item_id, status=status, role="assistant", content=(content,)),
        )

    def _finish_item(self, where: dict[str, Any], item: Item) -> Iterator[ServerEvent]:
        self.output[where["output_index"]] = item
        yield ev.ResponseOutputItemDone(**where, item=item)
        if self._history:
            self._history.replace(item)
            yield ConversationItemDone(previous_item_id=_previous(self._history, item), item=item)

    def _added(self, item: Item) -> Iterator[ServerEvent]:
        if self._history:
            yield ConversationItemAdded(previous_item_id=self._history.add(item), item=item)

    def _where(self) -> dict[str, Any]:
        index = self._message_index
        return {"response_id": self.id, "item_id": self.item_id, "output_index": index}


def _previous(history: History, item: Item) -> str | None:
    """None as well if a client deleted the item while it was being made."""
    found = isinstance(item.id, str) and history.find(item.id)
    return history.previous_id(item.id) if found and isinstance(item.id, str) else None
