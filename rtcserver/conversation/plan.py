"""What one response is to be: its own wishes, else the session's."""

from dataclasses import dataclass
from typing import Any

from rtcserver.realtime.base import Absent, given, there
from rtcserver.realtime.events.response import ResponseAudioOutput, ResponseParams
from rtcserver.realtime.session_object import AnyTool, RealtimeSession
from rtcserver.realtime.session_options import (
    AudioFormat,
    MaxTokens,
    Reasoning,
    ToolChoice,
    Truncation,
    Voice,
    VoiceId,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """`voice` and `output_format` are there for a written response too: it is told of them."""

    model: str
    instructions: str
    spoken: bool
    voice: str
    speed: float
    output_format: AudioFormat
    tools: tuple[AnyTool, ...]
    tool_choice: ToolChoice
    parallel_tool_calls: bool
    max_output_tokens: MaxTokens
    reasoning_effort: str | None
    truncation: Truncation


def plan(session: RealtimeSession, own: ResponseParams) -> Plan:
    """`session` has a value in every field."""
    audio, usual = _output_of(own), there(there(session.audio).output)
    instructions = given(own.instructions)
    reasoning: Reasoning | None = _first(own.reasoning, session.reasoning)
    return Plan(
        model=there(session.model),
        instructions=there(session.instructions) if instructions is None else instructions,
        spoken=_first(own.output_modalities, session.output_modalities) == ("audio",),
        voice=_name_of(_first(audio.voice, usual.voice)),
        speed=there(usual.speed),
        output_format=_first(audio.format, usual.format),
        tools=_first(own.tools, session.tools),
        tool_choice=_first(own.tool_choice, session.tool_choice),
        parallel_tool_calls=_first(own.parallel_tool_calls, session.parallel_tool_calls),
        max_output_tokens=_first(own.max_output_tokens, session.max_output_tokens),
        reasoning_effort=given(reasoning.effort) if reasoning else None,
        truncation=there(session.truncation),
    )


def _output_of(params: ResponseParams) -> ResponseAudioOutput:
    audio = given(params.audio)
    return (given(audio.output) if audio else None) or ResponseAudioOutput()


def _name_of(voice: Voice) -> str:
    return voice.id if isinstance(voice, VoiceId) else voice


def _first(own: Any, general: Any) -> Any:
    return there(general if isinstance(own, Absent) else own)
