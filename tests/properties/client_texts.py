"""Draw what a client may send: every event of the contract with legal and illegal fields."""

import json
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st

_TURN_DETECTION = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"type": st.just("server_vad")},
        optional={
            "threshold": st.sampled_from([0, 0.5, 1, 7]),
            "silence_duration_ms": st.sampled_from([300, 500, -1]),
            "idle_timeout_ms": st.sampled_from([None, 1_000, 5]),
            "create_response": st.booleans(),
            "interrupt_response": st.booleans(),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("semantic_vad")},
        optional={"eagerness": st.sampled_from(["low", "high", "auto", "loud"])},
    ),
)
_MODALITIES = st.sampled_from([["text"], ["audio"], ["text", "audio"], []])
_TOOLS = st.sampled_from([[], [{"type": "function", "name": "f"}], [{"type": "function"}]])
_SESSION = st.fixed_dictionaries(
    {"type": st.sampled_from(["realtime", "realtime", "transcription"])},
    optional={
        "output_modalities": _MODALITIES,
        "instructions": st.sampled_from(["", "Be brief.", None]),
        "tools": _TOOLS,
        "max_output_tokens": st.sampled_from([1, "inf", 0]),
        "truncation": st.sampled_from(["auto", "disabled", "sometimes"]),
        "audio": st.fixed_dictionaries(
            {"input": st.fixed_dictionaries({"turn_detection": _TURN_DETECTION})}
        ),
    },
)
_PARTS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["input_text", "output_text", "input_audio", "input_image"]),
            "text": st.sampled_from(["hi", "", 7]),
        }
    ),
    max_size=2,
)


def _message(ids: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {
            "type": st.just("message"),
            "role": st.sampled_from(["user", "assistant", "system", "nobody"]),
            "content": _PARTS,
        },
        optional={"id": ids},
    )


def _item(ids: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    call_id = st.sampled_from(["c", "d"])
    return st.one_of(
        _message(ids),
        st.fixed_dictionaries(
            {"type": st.just("function_call_output"), "call_id": call_id, "output": st.just("1")},
            optional={"id": ids},
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("function_call"),
                "call_id": call_id,
                "name": st.just("f"),
                "arguments": st.just("{}"),
            },
            optional={"id": ids},
        ),
    )


def _response(ids: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    reference = st.fixed_dictionaries({"type": st.just("item_reference"), "id": ids})
    return st.fixed_dictionaries(
        {},
        optional={
            "conversation": st.sampled_from(["auto", "none", "other"]),
            "output_modalities": _MODALITIES,
            "input": st.lists(st.one_of(_message(ids), reference), max_size=2),
            "metadata": st.sampled_from([None, {"a": "b"}, {"a": 1}]),
            "tools": _TOOLS,
        },
    )


def client_texts(items: Sequence[str], responses: Sequence[str]) -> st.SearchStrategy[str]:
    """JSON of one event. `items` and `responses` are ids that exist, or do not."""
    ids = st.one_of(st.sampled_from(items), st.sampled_from(["mine", "mine too", "", 5]))
    previous = st.one_of(ids, st.sampled_from([None, "root"]))
    fields: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "session.update": {"session": _SESSION},
        "input_audio_buffer.append": {"audio": st.sampled_from(["", "AAAA", "no base64", None])},
        "input_audio_buffer.commit": {},
        "input_audio_buffer.clear": {},
        "output_audio_buffer.clear": {},
        "conversation.item.create": {"item": _item(ids), "previous_item_id": previous},
        "conversation.item.retrieve": {"item_id": ids},
        "conversation.item.delete": {"item_id": ids},
        "conversation.item.truncate": {
            "item_id": ids,
            "content_index": st.sampled_from([0, 1, -1]),
            "audio_end_ms": st.sampled_from([0, 700, 99_999, -1]),
        },
        "response.create": {"response": _response(ids)},
        "response.cancel": {"response_id": st.sampled_from([*responses, None, "nobody"])},
        "response.created": {},
    }
    events = st.sampled_from(sorted(fields)).flatmap(
        lambda kind: st.fixed_dictionaries(
            {"type": st.just(kind), "event_id": st.just("e"), **fields[kind]}
        )
    )
    return st.builds(_spoilt, events, st.sampled_from([None] * 7 + ["drop", "null", "list", "cut"]))


def _spoilt(event: dict[str, Any], how: str | None) -> str:
    """The event, or something that is none any more."""
    last = list(event)[-1]
    match how:
        case "drop":
            event = {key: value for key, value in event.items() if key != last}
        case "null":
            event = {**event, last: None}
        case "list":
            event = {**event, last: [[]]}
        case "cut":
            return json.dumps(event)[:-3]
    return json.dumps(event)
