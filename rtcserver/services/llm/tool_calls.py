"""Put function calls together from the pieces in which they are streamed. Pure."""

from dataclasses import dataclass
from typing import Any

import msgspec

from rtcserver.ids import NewId
from rtcserver.services.llm.base import ToolCall


class FunctionPiece(msgspec.Struct, frozen=True):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CallPiece(msgspec.Struct, frozen=True):
    """One of `delta.tool_calls`."""

    index: int | None = None
    id: str | None = None
    function: FunctionPiece | None = None


@dataclass(slots=True)
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""


class ToolCalls:
    """Pieces may interleave; servers differ in whether they send an index and an id."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._calls: list[_Call] = []

    def push(self, piece: CallPiece) -> None:
        call = self._find(piece)
        call.id = call.id or piece.id or ""
        if piece.function is not None:
            call.name = call.name or piece.function.name or ""
            call.arguments += _text(piece.function.arguments)

    def take(self) -> list[ToolCall]:
        """The calls, whole now, in the order they began; missing ids are made up."""
        calls, self._calls = self._calls, []
        return [
            ToolCall(call.id or self._new_id("call"), call.name, call.arguments or "{}")
            for call in calls
            if call.name
        ]

    def _find(self, piece: CallPiece) -> _Call:
        """The call this piece continues: the newest of its index, unless the id says otherwise."""
        for call in reversed(self._calls):
            if piece.index in (None, call.index):
                if piece.id and call.id and piece.id != call.id:
                    break
                return call
        self._calls.append(_Call(piece.index))
        return self._calls[-1]


def _text(arguments: str | dict[str, Any] | None) -> str:
    if isinstance(arguments, dict):
        return msgspec.json.encode(arguments).decode()
    return arguments or ""
