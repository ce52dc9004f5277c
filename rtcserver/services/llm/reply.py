"""Read a streamed chat completion. Pure: bytes in, events out."""

from typing import Any

import msgspec

from rtcserver.errors import ServiceFailed
from rtcserver.ids import NewId
from rtcserver.services.json_events import JsonEvents
from rtcserver.services.llm.base import ChatEvent, Finish, TextDelta, Usage
from rtcserver.services.llm.think import ThinkFilter
from rtcserver.services.llm.tool_calls import CallPiece, ToolCalls
from rtcserver.services.openai_refusals import error_message


class _Delta(msgspec.Struct, frozen=True):
    """What is not listed here, such as `reasoning_content`, is not for the ear."""

    content: str | None = None
    tool_calls: tuple[CallPiece, ...] | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chunk(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...] | None = None  # () in keep-alives and with the usage
    usage: _Usage | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Chunk)


class Reply:
    """One reply as it comes in."""

    def __init__(self, new_id: NewId) -> None:
        self.chunks = 0
        """JSON objects so far: the model is alive, though it may say nothing yet."""
        self.finished = False
        """All was said; the usage may still follow."""
        self._chunks = JsonEvents("llm", _decoder)
        self._said = ThinkFilter()
        self._calls = ToolCalls(new_id)
        self._reason = "stop"
        self._usage: Usage | None = None

    @property
    def done(self) -> bool:
        """Nothing more will come."""
        return self._chunks.done

    def push(self, data: bytes) -> list[ChatEvent]:
        """Raises ServiceFailed for an error the server reports, and for garbage."""
        return [event for chunk in self._chunks.push(data) for event in self._take(chunk)]

    def end(self) -> list[ChatEvent]:
        """The stream is over. Raises ServiceFailed if the reply was not."""
        events = [event for chunk in self._chunks.flush() for event in self._take(chunk)]
        if not (self.finished or self.done):
            raise ServiceFailed("llm", "cut off in mid-reply")
        events += self._rest()
        if self._usage is not None:
            events.append(self._usage)
        return [*events, Finish(self._reason)]

    def _take(self, chunk: _Chunk) -> list[ChatEvent]:
        if chunk.error:
            raise ServiceFailed("llm", error_message(chunk.error))
        self.chunks += 1
        if chunk.usage is not None:
            used = chunk.usage
            self._usage = Usage(used.prompt_tokens or 0, used.completion_tokens or 0)
        return self._choose(chunk.choices[0]) if chunk.choices else []

    def _choose(self, choice: _Choice) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        if choice.delta is not None:
            if said := self._said.push(choice.delta.content or ""):
                events.append(TextDelta(said))
            for piece in choice.delta.tool_calls or ():
                self._calls.push(piece)
        if choice.finish_reason:
            self.finished, self._reason = True, choice.finish_reason
            events += self._rest()
        return events

    def _rest(self) -> list[ChatEvent]:
        said = self._said.flush()
        return [*([TextDelta(said)] if said else []), *self._calls.take()]
