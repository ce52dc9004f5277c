"""Draw what a client may send: every event of the contract with legal and illegal fields.

Ids that the server gives are not known when a text is drawn: "#item2" stands for one.
"""

import json
import re
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
_OWN = {"type": "mcp", "server_label": "own"}
_TOOLS = st.sampled_from(
    [
        [],
        [{"type": "function", "name": "f"}],
        [{"type": "function"}],
        [{**_OWN, "require_approval": "always"}],
        [{**_OWN, "server_label": "crm", "server_url": "https://a.example/mcp"}],
        [{**_OWN, "server_label": "crm", "server_url": "https://b.example/mcp"}],
    ]
)
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


_IDS = st.sampled_from([*(f"#item{n}" for n in range(8)), "mine", "mine too", "", 5])
_MESSAGE = st.fixed_dictionaries(
    {
        "type": st.just("message"),
        "role": st.sampled_from(["user", "assistant", "system", "nobody"]),
        "content": _PARTS,
    },
    optional={"id": _IDS},
)
_CALL_ID = st.sampled_from(["c", "d"])
_ITEM = st.one_of(
    _MESSAGE,
    st.fixed_dictionaries(
        {
            "type": st.just("mcp_approval_response"),
            "approval_request_id": _IDS,
            "approve": st.booleans(),
        }
    ),
    st.fixed_dictionaries(
        {"type": st.just("function_call_output"), "call_id": _CALL_ID, "output": st.just("1")},
        optional={"id": _IDS},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("function_call"),
            "call_id": _CALL_ID,
            "name": st.just("f"),
            "arguments": st.just("{}"),
        },
        optional={"id": _IDS},
    ),
)
_REFERENCE = st.fixed_dictionaries({"type": st.just("item_reference"), "id": _IDS})
_RESPONSE = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none", "other"]),
        "output_modalities": _MODALITIES,
        "input": st.lists(st.one_of(_MESSAGE, _REFERENCE), max_size=2),
        "metadata": st.sampled_from([None, {"a": "b"}, {"a": 1}]),
        "tools": _TOOLS,
    },
)
_FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "session.update": {"session": _SESSION},
    "input_audio_buffer.append": {"audio": st.sampled_from(["", "AAAA", "no base64", None])},
    "input_audio_buffer.commit": {},
    "input_audio_buffer.clear": {},
    "output_audio_buffer.clear": {},
    "conversation.item.create": {
        "item": _ITEM,
        "previous_item_id": st.one_of(_IDS, st.sampled_from([None, "root"])),
    },
    "conversation.item.retrieve": {"item_id": _IDS},
    "conversation.item.delete": {"item_id": _IDS},
    "conversation.item.truncate": {
        "item_id": _IDS,
        "content_index": st.sampled_from([0, 1, -1]),
        "audio_end_ms": st.sampled_from([0, 700, 99_999, -1]),
    },
    "response.create": {"response": _RESPONSE},
    "response.cancel": {"response_id": st.sampled_from(["#resp0", "#resp1", None, "nobody"])},
    "response.created": {},  # which only a server may say
}


def with_ids(text: str, items: Sequence[str], responses: Sequence[str]) -> str:
    """Newest first: "#item0" becomes the last of `items`."""

    def known(found: re.Match[str]) -> str:
        ids = items if found[1] == "item" else responses
        return ids[-1 - int(found[2]) % len(ids)] if ids else "nobody"

    return re.sub(r"#(item|resp)(\d)", known, text)


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


CLIENT_TEXTS: st.SearchStrategy[str] = st.builds(
    _spoilt,
    st.one_of(
        *(
            st.fixed_dictionaries({"type": st.just(kind), "event_id": st.just("e"), **fields})
            for kind, fields in _FIELDS.items()
        )
    ),
    st.sampled_from([None] * 7 + ["drop", "null", "list", "cut"]),
)
"""JSON of one event, or what is left of it; see with_ids()."""
