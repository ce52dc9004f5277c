"""Estimate tokens where nobody has counted them.

Text: a token is 4 bytes of UTF-8, which is right within a quarter for English and errs on the safe
side for most other languages; each message costs 4 more for its frame. Sound: as OpenAI counts it
(https://platform.openai.com/docs/guides/realtime-costs), 100 ms of the caller or 50 ms of the
assistant are a token.
"""

import json
from collections.abc import Iterable

from rtcserver.audio.format import from_milliseconds
from rtcserver.conversation.context import ChatRequest, Message

_BYTES = 4
_FRAME = 4
_HEARD = from_milliseconds(100)
_SPOKEN = from_milliseconds(50)


def of_text(text: str) -> int:
    return of_bytes(len(text.encode()))


def of_bytes(count: int) -> int:
    return -(-count // _BYTES)


def of_messages(messages: Iterable[Message]) -> int:
    return sum(_FRAME + of_text(_written(message)) for message in messages)


def of_tools(tools: Iterable[object]) -> int:
    return sum(of_text(json.dumps(tool)) for tool in tools)


def of_request(request: ChatRequest) -> int:
    return of_messages(request.messages) + of_tools(request.tools)


def of_sound_heard(samples: int) -> int:
    return -(-samples // _HEARD)


def of_sound_spoken(samples: int) -> int:
    return -(-samples // _SPOKEN)


def _written(message: Message) -> str:
    calls = message.get("tool_calls")
    return str(message["content"]) + (json.dumps(calls) if calls else "")
