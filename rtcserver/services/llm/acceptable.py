"""Shape a conversation so that every chat template takes it. Pure.

Many refuse neighbours of one role, messages without content, and a conversation that the user
does not open (https://github.com/vllm-project/vllm, llama.cpp --jinja, Gemma's template). OpenAI
refuses a function call that is not followed at once by its result.
"""

from collections.abc import Iterable, Iterator

from rtcserver.conversation.context import Message

_OPENING: Message = {"role": "user", "content": "Hello."}
_PENDING = "There is no result yet."


def acceptable(messages: Iterable[Message]) -> list[Message]:
    """The same conversation; the messages passed in stay as they are."""
    shaped: list[Message] = []
    for message in _with_results(messages):
        if _is_empty(message):
            continue
        if shaped and _can_merge(shaped[-1], message):
            shaped[-1] = _merged(shaped[-1], message)
        else:
            shaped.append(message)
    opening = next((i for i, m in enumerate(shaped) if m["role"] != "system"), len(shaped))
    if opening == len(shaped) or shaped[opening]["role"] != "user":
        shaped.insert(opening, _OPENING)
    return shaped


def _with_results(messages: Iterable[Message]) -> Iterator[Message]:
    """Each run of calls with its results behind it, wherever the client put them. The caller may
    have gone on speaking meanwhile, and a result may never come."""
    messages = list(messages)
    results = {m["tool_call_id"]: m for m in messages if m["role"] == "tool"}
    waiting: list[str] = []
    for message in messages:
        calls = [str(call["id"]) for call in message.get("tool_calls", ())]
        due = message.get("tool_call_id") in waiting if message["role"] == "tool" else not calls
        if due:
            yield from (results.get(call_id) or _pending(call_id) for call_id in waiting)
            waiting.clear()
        waiting += calls
        if message["role"] != "tool":
            yield message
    yield from (results.get(call_id) or _pending(call_id) for call_id in waiting)


def _pending(call_id: str) -> Message:
    return {"role": "tool", "tool_call_id": call_id, "content": _PENDING}


def _is_empty(message: Message) -> bool:
    return message["role"] != "tool" and not message.get("content") and "tool_calls" not in message


def _can_merge(one: Message, other: Message) -> bool:
    contents = (one.get("content") or "", other.get("content") or "")
    return (
        one["role"] == other["role"] != "tool"
        and all(isinstance(content, str) for content in contents)
        and not ("tool_calls" in one and contents[1])  # what follows a call was said after it
    )


def _merged(one: Message, other: Message) -> Message:
    contents = [content for message in (one, other) if (content := message.get("content"))]
    merged = {**one, **other, "content": "\n".join(contents)}
    calls = [*one.get("tool_calls", ()), *other.get("tool_calls", ())]
    return {**merged, "tool_calls": calls} if calls else merged
