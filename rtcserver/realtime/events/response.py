"""response.*: an answer, from the request for it to its end."""

from typing import Any, Literal

from rtcserver.realtime.base import ABSENT, Absent, ClientEvent, ServerEvent, Wire
from rtcserver.realtime.items import Item
from rtcserver.realtime.session_object import AnyTool
from rtcserver.realtime.session_options import (
    AudioFormat,
    MaxTokens,
    Metadata,
    Modalities,
    Prompt,
    Reasoning,
    ToolChoice,
    Voice,
)

ResponseStatus = Literal["in_progress", "completed", "cancelled", "failed", "incomplete"]


class ResponseAudioOutput(Wire, frozen=True, kw_only=True):
    format: AudioFormat | Absent = ABSENT
    voice: Voice | Absent = ABSENT


class ResponseAudio(Wire, frozen=True, kw_only=True):
    output: ResponseAudioOutput | Absent = ABSENT


class ItemReference(Wire, tag="item_reference", tag_field="type", frozen=True, kw_only=True):
    id: str


class ResponseParams(Wire, frozen=True, kw_only=True):
    """What one response does differently from the session. With `input` it knows of nothing
    else; with conversation "none" nothing will know of it. livekit-plugins-openai says null where
    it has no instructions: then the session's hold."""

    conversation: Literal["auto", "none"] | Absent = ABSENT
    input: tuple[Item | ItemReference, ...] | Absent = ABSENT
    instructions: str | None | Absent = ABSENT
    output_modalities: Modalities | Absent = ABSENT
    audio: ResponseAudio | Absent = ABSENT
    tools: tuple[AnyTool, ...] | Absent = ABSENT
    tool_choice: ToolChoice | Absent = ABSENT
    parallel_tool_calls: bool | Absent = ABSENT
    max_output_tokens: MaxTokens | Absent = ABSENT
    reasoning: Reasoning | None | Absent = ABSENT
    prompt: Prompt | None | Absent = ABSENT
    metadata: Metadata | None | Absent = ABSENT


class ResponseCreate(ClientEvent, tag="response.create", frozen=True, kw_only=True):
    response: ResponseParams = ResponseParams()


class ResponseCancel(ClientEvent, tag="response.cancel", frozen=True, kw_only=True):
    response_id: str | None = None


class InputTokenDetails(Wire, frozen=True, kw_only=True):
    """Official clients need both first figures to be there."""

    text_tokens: int
    audio_tokens: int
    image_tokens: int = 0
    cached_tokens: int = 0


class OutputTokenDetails(Wire, frozen=True, kw_only=True):
    text_tokens: int
    audio_tokens: int


class Usage(Wire, frozen=True, kw_only=True):
    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_token_details: InputTokenDetails
    output_token_details: OutputTokenDetails


class Response(Wire, frozen=True, kw_only=True):
    """`conversation_id` is null for a response that belongs to none."""

    object: Literal["realtime.response"] = "realtime.response"
    id: str
    conversation_id: str | None = None
    status: ResponseStatus = "in_progress"
    status_details: dict[str, Any] | None = None
    output: tuple[Item, ...] = ()
    output_modalities: Modalities = ("audio",)
    audio: ResponseAudio | Absent = ABSENT
    max_output_tokens: MaxTokens = "inf"
    metadata: Metadata | None = None
    usage: Usage | None = None


class RateLimit(Wire, frozen=True, kw_only=True):
    name: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset_seconds: float


class RateLimitsUpdated(ServerEvent, tag="rate_limits.updated", frozen=True, kw_only=True):
    """Empty where nothing is limited."""

    rate_limits: tuple[RateLimit, ...] = ()


class SpokenPart(Wire, tag="audio", tag_field="type", frozen=True, kw_only=True):
    """The part of an item as response.content_part.* spells it: `audio`, not `output_audio`."""

    transcript: str = ""


class WrittenPart(Wire, tag="text", tag_field="type", frozen=True, kw_only=True):
    text: str = ""


class ResponseCreated(ServerEvent, tag="response.created", frozen=True, kw_only=True):
    response: Response


class ResponseDone(ServerEvent, tag="response.done", frozen=True, kw_only=True):
    response: Response


class _OfOutput(ServerEvent, frozen=True, kw_only=True):
    response_id: str
    output_index: int


class ResponseOutputItemAdded(
    _OfOutput, tag="response.output_item.added", frozen=True, kw_only=True
):
    item: Item


class ResponseOutputItemDone(_OfOutput, tag="response.output_item.done", frozen=True, kw_only=True):
    item: Item


class _OfItem(_OfOutput, frozen=True, kw_only=True):
    item_id: str


class _OfPart(_OfItem, frozen=True, kw_only=True):
    content_index: int = 0


class ResponseContentPartAdded(
    _OfPart, tag="response.content_part.added", frozen=True, kw_only=True
):
    part: SpokenPart | WrittenPart


class ResponseContentPartDone(_OfPart, tag="response.content_part.done", frozen=True, kw_only=True):
    part: SpokenPart | WrittenPart


class ResponseOutputAudioDelta(
    _OfPart, tag="response.output_audio.delta", frozen=True, kw_only=True
):
    """`delta` is base64 of the session's output format."""

    delta: str


class ResponseOutputAudioDone(_OfPart, tag="response.output_audio.done", frozen=True, kw_only=True):
    pass


class ResponseOutputAudioTranscriptDelta(
    _OfPart, tag="response.output_audio_transcript.delta", frozen=True, kw_only=True
):
    delta: str


class ResponseOutputAudioTranscriptDone(
    _OfPart, tag="response.output_audio_transcript.done", frozen=True, kw_only=True
):
    transcript: str


class ResponseOutputTextDelta(_OfPart, tag="response.output_text.delta", frozen=True, kw_only=True):
    delta: str


class ResponseOutputTextDone(_OfPart, tag="response.output_text.done", frozen=True, kw_only=True):
    text: str


class ResponseFunctionCallArgumentsDelta(
    _OfItem, tag="response.function_call_arguments.delta", frozen=True, kw_only=True
):
    call_id: str
    delta: str


class ResponseFunctionCallArgumentsDone(
    _OfItem, tag="response.function_call_arguments.done", frozen=True, kw_only=True
):
    call_id: str
    name: str
    arguments: str
