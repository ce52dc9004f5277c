"""What a session, and some of it a single response, can be set to: the small objects inside.

https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from rtcserver.realtime.base import ABSENT, Absent, Wire

Fraction = Annotated[float, Meta(ge=0, le=1)]
Modalities = Annotated[tuple[Literal["audio", "text"], ...], Meta(min_length=1, max_length=1)]
MaxTokens = Annotated[int, Meta(ge=1, le=4_096)] | Literal["inf"]
Included = Literal["item.input_audio_transcription.logprobs"]

_Key = Annotated[str, Meta(max_length=64)]
_Value = Annotated[str, Meta(max_length=512)]
Metadata = Annotated[dict[_Key, _Value], Meta(max_length=16)]


class AudioPcm(Wire, tag="audio/pcm", tag_field="type", frozen=True, kw_only=True):
    rate: Literal[24_000] = 24_000


class AudioPcmu(Wire, tag="audio/pcmu", tag_field="type", frozen=True, kw_only=True):
    pass


class AudioPcma(Wire, tag="audio/pcma", tag_field="type", frozen=True, kw_only=True):
    pass


AudioFormat = AudioPcm | AudioPcmu | AudioPcma


class NoiseReduction(Wire, frozen=True, kw_only=True):
    type: Literal["near_field", "far_field"] | Absent = ABSENT
    strength: Fraction | Absent = ABSENT


class Transcription(Wire, frozen=True, kw_only=True):
    model: str | Absent = ABSENT
    language: str | Absent = ABSENT
    languages: tuple[str, ...] | Absent = ABSENT
    prompt: str | Absent = ABSENT
    keywords: tuple[str, ...] | Absent = ABSENT
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | Absent = ABSENT


class VoiceId(Wire, frozen=True, kw_only=True):
    id: str


Voice = str | VoiceId


class ToolChoiceFunction(Wire, tag="function", tag_field="type", frozen=True, kw_only=True):
    name: str


class ToolChoiceMcp(Wire, tag="mcp", tag_field="type", frozen=True, kw_only=True):
    server_label: str
    name: str | None | Absent = ABSENT


ToolChoice = Literal["none", "auto", "required"] | ToolChoiceFunction | ToolChoiceMcp


class Reasoning(Wire, frozen=True, kw_only=True):
    effort: Literal["minimal", "low", "medium", "high", "xhigh"] | Absent = ABSENT


class Prompt(Wire, frozen=True, kw_only=True):
    """A template kept elsewhere, and what fills its gaps."""

    id: str
    version: str | None | Absent = ABSENT
    variables: dict[str, Any] | None | Absent = ABSENT


class Tracing(Wire, frozen=True, kw_only=True):
    group_id: str | Absent = ABSENT
    workflow_name: str | Absent = ABSENT
    metadata: Any = ABSENT


class TokenLimits(Wire, frozen=True, kw_only=True):
    post_instructions: Annotated[int, Meta(ge=0)] | Absent = ABSENT


class RetentionRatio(Wire, tag="retention_ratio", tag_field="type", frozen=True, kw_only=True):
    """Once the conversation is too long, drop messages until this part of the room is used."""

    retention_ratio: Fraction
    token_limits: TokenLimits | None | Absent = ABSENT


Truncation = Literal["auto", "disabled"] | RetentionRatio
