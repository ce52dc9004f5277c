"""The session object: what a client may set, and how an update is merged into it.

https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
"""

from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct, structs

from rtcserver.realtime.base import ABSENT, Absent, Wire
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.realtime.mcp_tool import McpTool

Positive = Annotated[int, Meta(ge=0)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class AudioFormat(Wire, frozen=True, kw_only=True):
    """`rate` is 24000 for audio/pcm and absent for G.711, which is always 8000."""

    type: AudioFormatName
    rate: Literal[24_000] | None | Absent = ABSENT


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


class Transcription(Wire, frozen=True, kw_only=True):
    model: str | Absent = ABSENT
    language: str | Absent = ABSENT
    prompt: str | Absent = ABSENT


class AudioInput(Wire, frozen=True, kw_only=True):
    format: AudioFormat | Absent = ABSENT
    noise_reduction: dict[str, Any] | None | Absent = ABSENT
    transcription: Transcription | None | Absent = ABSENT
    turn_detection: TurnDetection | None | Absent = ABSENT


class AudioOutput(Wire, frozen=True, kw_only=True):
    format: AudioFormat | Absent = ABSENT
    voice: str | dict[str, Any] | Absent = ABSENT
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

Modalities = Annotated[tuple[Literal["audio", "text"], ...], Meta(min_length=1, max_length=1)]
MaxTokens = Annotated[int, Meta(ge=1, le=4_096)] | Literal["inf"]


class RealtimeSession(Wire, frozen=True, kw_only=True):
    """As an update every field may be absent; as the effective session every field has a value."""

    type: Literal["realtime"] = "realtime"
    object: Literal["realtime.session"] | Absent = ABSENT
    id: str | Absent = ABSENT
    model: str | Absent = ABSENT
    output_modalities: Modalities | Absent = ABSENT
    instructions: str | Absent = ABSENT
    audio: Audio | Absent = ABSENT
    tools: tuple[AnyTool, ...] | Absent = ABSENT
    tool_choice: str | dict[str, Any] | Absent = ABSENT
    max_output_tokens: MaxTokens | Absent = ABSENT
    tracing: str | dict[str, Any] | None | Absent = ABSENT
    truncation: str | dict[str, Any] | Absent = ABSENT
    include: tuple[str, ...] | None | Absent = ABSENT
    prompt: dict[str, Any] | None | Absent = ABSENT


S = TypeVar("S", bound=Struct)
_OURS = ("id", "object")


def merge(base: S, update: S) -> S:
    """`base` with every field that `update` has; objects merge deeply, except turn detection,
    whose kinds share no defaults and which is therefore replaced as one. What only the server
    gives, `id` and `object`, stays."""
    changes = {}
    for name in update.__struct_fields__:
        new, old = getattr(update, name), getattr(base, name)
        if new is ABSENT or name in _OURS:
            continue
        deep = isinstance(new, (Audio, AudioInput, AudioOutput)) and isinstance(old, Struct)
        changes[name] = merge(old, new) if deep else new
    return structs.replace(base, **changes)
