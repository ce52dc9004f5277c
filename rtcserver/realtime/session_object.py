"""The session objects: what a client may set, for a conversation and for a transcription.

https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from rtcserver.realtime.base import ABSENT, Absent, Wire
from rtcserver.realtime.mcp_tool import McpTool
from rtcserver.realtime.session_options import (
    AudioFormat,
    Fraction,
    Included,
    MaxTokens,
    Modalities,
    NoiseReduction,
    Prompt,
    Reasoning,
    ToolChoice,
    Tracing,
    Transcription,
    Truncation,
    Voice,
)

Positive = Annotated[int, Meta(ge=0)]


class ServerVad(Wire, tag="server_vad", tag_field="type", frozen=True, kw_only=True):
    threshold: Fraction = 0.5
    prefix_padding_ms: Positive = 300
    silence_duration_ms: Annotated[int, Meta(ge=100, le=10_000)] = 500
    idle_timeout_ms: Annotated[int, Meta(ge=1_000, le=60_000)] | None = None
    create_response: bool = True
    interrupt_response: bool = True


class SemanticVad(Wire, tag="semantic_vad", tag_field="type", frozen=True, kw_only=True):
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


TurnDetection = ServerVad | SemanticVad


class AudioInput(Wire, frozen=True, kw_only=True):
    format: AudioFormat | Absent = ABSENT
    noise_reduction: NoiseReduction | None | Absent = ABSENT
    transcription: Transcription | None | Absent = ABSENT
    turn_detection: TurnDetection | None | Absent = ABSENT


class AudioOutput(Wire, frozen=True, kw_only=True):
    format: AudioFormat | Absent = ABSENT
    voice: Voice | Absent = ABSENT
    speed: Annotated[float, Meta(ge=0.25, le=1.5)] | Absent = ABSENT


class Audio(Wire, frozen=True, kw_only=True):
    input: AudioInput | Absent = ABSENT
    output: AudioOutput | Absent = ABSENT


class Tool(Wire, tag="function", tag_field="type", frozen=True, kw_only=True):
    """A function the model may call; `parameters` is a JSON schema."""

    name: str
    description: str | None | Absent = ABSENT
    parameters: dict[str, Any] | None | Absent = ABSENT


AnyTool = Tool | McpTool


class RealtimeSession(Wire, frozen=True, kw_only=True):
    """As an update every field may be absent; as the effective session every field has a value."""

    type: Literal["realtime"] = "realtime"
    object: Literal["realtime.session"] | Absent = ABSENT
    id: str | Absent = ABSENT
    expires_at: int | Absent = ABSENT
    model: str | Absent = ABSENT
    output_modalities: Modalities | Absent = ABSENT
    instructions: str | Absent = ABSENT
    audio: Audio | Absent = ABSENT
    tools: tuple[AnyTool, ...] | Absent = ABSENT
    tool_choice: ToolChoice | Absent = ABSENT
    parallel_tool_calls: bool | Absent = ABSENT
    max_output_tokens: MaxTokens | Absent = ABSENT
    reasoning: Reasoning | None | Absent = ABSENT
    tracing: Literal["auto"] | Tracing | None | Absent = ABSENT
    truncation: Truncation | Absent = ABSENT
    include: tuple[Included, ...] | None | Absent = ABSENT
    prompt: Prompt | None | Absent = ABSENT


class TranscriptionAudio(Wire, frozen=True, kw_only=True):
    input: AudioInput | Absent = ABSENT


class TranscriptionSession(Wire, frozen=True, kw_only=True):
    """Speech is written down and nobody answers; absent fields as in RealtimeSession."""

    type: Literal["transcription"] = "transcription"
    object: Literal["realtime.transcription_session"] | Absent = ABSENT
    id: str | Absent = ABSENT
    expires_at: int | Absent = ABSENT
    audio: TranscriptionAudio | Absent = ABSENT
    include: tuple[Included, ...] | None | Absent = ABSENT


AnySession = RealtimeSession | TranscriptionSession
