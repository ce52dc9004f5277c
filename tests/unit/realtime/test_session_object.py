"""What may be set in a session, and what is left of it after an update."""

import json
from typing import Any

import pytest

from rtcserver.config import Settings
from rtcserver.errors import ProtocolError
from rtcserver.realtime.codec import dump_event, parse_client_event, parse_session
from rtcserver.realtime.events.session import SessionUpdated
from rtcserver.realtime.merge import merge
from rtcserver.realtime.session_object import AnySession, TranscriptionSession
from rtcserver.session.defaults import effective_session


def after(*updates: dict[str, Any]) -> dict[str, Any]:
    """The session as a client is told of it, after these updates."""
    session: AnySession = effective_session(
        Settings(), session_id="sess_1", expires_at=99, model=None, changes=None
    )
    for update in updates:
        session = merge(session, parse_session(json.dumps(update)))
    told: dict[str, Any] = json.loads(dump_event(SessionUpdated(session=session)))["session"]
    return told


def test_an_effective_session_has_a_value_in_every_field() -> None:
    assert after() == {
        "type": "realtime",
        "object": "realtime.session",
        "id": "sess_1",
        "expires_at": 99,
        "model": "rtcserver",
        "output_modalities": ["audio"],
        "instructions": "You are a helpful voice assistant. Answer in short spoken sentences.",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24_000},
                "noise_reduction": None,
                "transcription": {"model": "rtcserver"},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 500,
                    "idle_timeout_ms": None,
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24_000},
                "voice": "default",
                "speed": 1.0,
            },
        },
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "max_output_tokens": "inf",
        "reasoning": None,
        "tracing": None,
        "truncation": "auto",
        "include": None,
        "prompt": None,
    }


WISHES: list[dict[str, Any]] = [
    {"model": "gpt-realtime-2.1"},
    {"instructions": ""},
    {"tools": [{"type": "function", "name": "clock"}], "tool_choice": "required"},
    {"tool_choice": {"type": "function", "name": "clock"}},
    {"parallel_tool_calls": False},
    {"max_output_tokens": 4096},
    {"reasoning": {"effort": "xhigh"}},
    {"tracing": "auto"},
    {"tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"k": 1}}},
    {"truncation": "disabled"},
    {
        "truncation": {
            "type": "retention_ratio",
            "retention_ratio": 0.8,
            "token_limits": {"post_instructions": 5000},
        }
    },
    {"include": ["item.input_audio_transcription.logprobs"]},
    {"prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Oslo"}}},
]


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: ",".join(wish))
def test_what_a_client_sets_is_what_it_is_told(wish: dict[str, Any]) -> None:
    assert after(wish) == {**after(), **wish}


def test_nothing_clears() -> None:
    before: dict[str, Any] = {
        "instructions": "Sing.",
        "tools": [{"type": "function", "name": "clock"}],
        "prompt": {"id": "p"},
        "audio": {"input": {"noise_reduction": {"type": "near_field"}}},
    }
    cleared: dict[str, Any] = {"instructions": "", "tools": [], "prompt": None}
    nothing = {"input": {"noise_reduction": None, "transcription": None}}
    session = after(before, {**cleared, "audio": nothing})
    assert {key: session[key] for key in cleared} == cleared
    assert session["audio"]["input"]["noise_reduction"] is None
    assert session["audio"]["input"]["transcription"] is None


def test_objects_merge_deeply() -> None:
    hearing = {"noise_reduction": {"type": "far_field"}, "transcription": {"language": "en"}}
    session = after(
        {"audio": {"input": {**hearing, "format": {"type": "audio/pcmu"}}}},
        {"audio": {"output": {"voice": {"id": "voice_1"}, "format": {"type": "audio/pcma"}}}},
        {"audio": {"input": {"noise_reduction": {"strength": 0.5}}}},
    )
    assert session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
    assert session["audio"]["input"]["noise_reduction"] == {"type": "far_field", "strength": 0.5}
    assert session["audio"]["input"]["transcription"] == {"model": "rtcserver", "language": "en"}
    assert session["audio"]["output"]["voice"] == {"id": "voice_1"}
    assert session["audio"]["output"]["speed"] == 1.0


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ({"type": "translation"}, "session.type"),
        ({"model": 7}, "session.model"),
        ({"instructions": None}, "session.instructions"),
        ({"tool_choice": "sometimes"}, "session.tool_choice"),
        ({"tool_choice": {"type": "function"}}, "session.tool_choice.name"),
        ({"parallel_tool_calls": "no"}, "session.parallel_tool_calls"),
        ({"max_output_tokens": 5000}, "session.max_output_tokens"),
        ({"reasoning": {"effort": "huge"}}, "session.reasoning.effort"),
        ({"tracing": "always"}, "session.tracing"),
        ({"truncation": "never"}, "session.truncation"),
        ({"truncation": {"type": "retention_ratio"}}, "session.truncation.retention_ratio"),
        ({"include": ["everything"]}, "session.include[0]"),
        ({"prompt": {}}, "session.prompt.id"),
        ({"audio": {"input": {"format": {"type": "audio/mp3"}}}}, "session.audio.input.format"),
        (
            {"audio": {"output": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            "session.audio.output.format.rate",
        ),
        (
            {"audio": {"input": {"noise_reduction": {"type": "loud"}}}},
            "session.audio.input.noise_reduction.type",
        ),
        (
            {"audio": {"input": {"transcription": {"delay": "none"}}}},
            "session.audio.input.transcription.delay",
        ),
        ({"audio": {"output": {"voice": {}}}}, "session.audio.output.voice.id"),
        ({"audio": {"output": {"speed": 2}}}, "session.audio.output.speed"),
        ({"type": "transcription", "audio": {"input": 5}}, "session.audio.input"),
    ],
)
def test_a_wrong_field_is_refused_by_name(session: dict[str, Any], param: str) -> None:
    update = {"type": "session.update", "event_id": "e1", "session": session}
    with pytest.raises(ProtocolError) as caught:
        parse_client_event(json.dumps(update))
    assert (caught.value.param or "").startswith(param)
    assert caught.value.event_id == "e1"


def test_a_request_says_which_kind_of_session_it_wants() -> None:
    assert parse_session(b'{"type":"transcription"}') == TranscriptionSession()
    assert parse_session(b"{}").type == "realtime"


@pytest.mark.parametrize(
    "metadata", [{"k" * 65: "v"}, {"k": "v" * 513}, {str(k): "v" for k in range(17)}]
)
def test_metadata_has_limits(metadata: dict[str, str]) -> None:
    create = {"type": "response.create", "response": {"metadata": metadata}}
    with pytest.raises(ProtocolError) as caught:
        parse_client_event(json.dumps(create))
    assert (caught.value.param or "").startswith("response.metadata")
