"""Shape a reply as OpenAI chat completions answer: whole, or cut into chunks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rtcserver.ids import NewId
from rtcserver.local.agent.engine import Call, Reply
from rtcserver.local.agent.request import MODEL, ChatRequest
from rtcserver.local.agent.talk import text_of

Json = dict[str, Any]

_TOKEN = re.compile(r"\s?\w+|\s?[^\w\s]+|\s")


def tokens(text: str) -> list[str]:
    """Pieces as a language model makes them: a word with the blank before it, or a mark."""
    return _TOKEN.findall(text)


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer to one request."""

    id: str
    created: int
    """Unix time, whole seconds."""
    pieces: tuple[str, ...]
    """The text, token by token."""
    calls: tuple[Json, ...]
    """Tool calls as OpenAI writes them, ids included."""
    finish_reason: str
    usage: Json

    def whole(self) -> Json:
        """The body of an answer that is not streamed."""
        message: Json = {"role": "assistant", "content": "".join(self.pieces), "refusal": None}
        if self.calls:
            message["tool_calls"] = list(self.calls)
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": self.finish_reason,
        }
        return self._head("chat.completion") | {"choices": [choice], "usage": self.usage}

    def opening(self) -> Json:
        """The first chunk of a stream; it only says whose words will follow."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def deltas(self) -> Iterator[Json]:
        """A chunk for every token: first the text, then each call."""
        for piece in self.pieces:
            yield self._chunk({"content": piece})
        for index, call in enumerate(self.calls):
            function = call["function"]
            start = {**call, "index": index, "function": {**function, "arguments": ""}}
            yield self._chunk({"tool_calls": [start]})
            rest = {"index": index, "function": {"arguments": function["arguments"]}}
            yield self._chunk({"tool_calls": [rest]})

    def closing(self) -> Json:
        return self._chunk({}, self.finish_reason)

    def totals(self) -> Json:
        """The chunk without choices that a request for usage adds to the end."""
        return self._head("chat.completion.chunk") | {"choices": [], "usage": self.usage}

    def _chunk(self, delta: Json, finish_reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._head("chat.completion.chunk") | {"choices": [choice]}

    def _head(self, kind: str) -> Json:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": MODEL,
            "system_fingerprint": None,
        }


def complete(request: ChatRequest, reply: Reply, created: int, new_id: NewId) -> Completion:
    """The reply within the limits of the request; one cut short makes no calls."""
    pieces = tokens(reply.text)
    cut = request.limit is not None and request.limit < len(pieces)
    kept = pieces[: request.limit] if cut else pieces
    calls = () if cut else tuple(_tool_call(call, new_id) for call in reply.calls)
    prompt = sum(len(tokens(text_of(message.content))) for message in request.messages)
    return Completion(
        id=new_id("chatcmpl"),
        created=created,
        pieces=tuple(kept),
        calls=calls,
        finish_reason="length" if cut else "tool_calls" if calls else "stop",
        usage={
            "prompt_tokens": prompt,
            "completion_tokens": len(kept),
            "total_tokens": prompt + len(kept),
        },
    )


def _tool_call(call: Call, new_id: NewId) -> Json:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": new_id("call"), "type": "function", "function": function}
