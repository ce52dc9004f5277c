"""conversation.*: items come, go, and are cut to what was heard."""

from typing import Annotated, Literal

from msgspec import Meta

from rtcserver.realtime.base import ClientEvent, ServerEvent, Wire
from rtcserver.realtime.items import ClientItem, Item


class ConversationItemCreate(
    ClientEvent, tag="conversation.item.create", frozen=True, kw_only=True
):
    """Goes behind `previous_item_id`; "root" is the beginning, null or absent the end."""

    item: ClientItem
    previous_item_id: str | None = None


class ConversationItemRetrieve(
    ClientEvent, tag="conversation.item.retrieve", frozen=True, kw_only=True
):
    item_id: str


class ConversationItemDelete(
    ClientEvent, tag="conversation.item.delete", frozen=True, kw_only=True
):
    item_id: str


class ConversationItemTruncate(
    ClientEvent, tag="conversation.item.truncate", frozen=True, kw_only=True
):
    """A spoken item has one part."""

    item_id: str
    content_index: Literal[0] = 0
    audio_end_ms: Annotated[int, Meta(ge=0)]


class ConversationItemAdded(ServerEvent, tag="conversation.item.added", frozen=True, kw_only=True):
    previous_item_id: str | None
    item: Item


class ConversationItemDone(ServerEvent, tag="conversation.item.done", frozen=True, kw_only=True):
    previous_item_id: str | None
    item: Item


class ConversationItemRetrieved(
    ServerEvent, tag="conversation.item.retrieved", frozen=True, kw_only=True
):
    item: Item


class ConversationItemDeleted(
    ServerEvent, tag="conversation.item.deleted", frozen=True, kw_only=True
):
    item_id: str


class ConversationItemTruncated(
    ServerEvent, tag="conversation.item.truncated", frozen=True, kw_only=True
):
    item_id: str
    content_index: int = 0
    audio_end_ms: int


class DurationUsage(Wire, tag="duration", tag_field="type", frozen=True, kw_only=True):
    seconds: float


_TRANSCRIPTION = "conversation.item.input_audio_transcription"


class InputAudioTranscriptionDelta(
    ServerEvent, tag=f"{_TRANSCRIPTION}.delta", frozen=True, kw_only=True
):
    item_id: str
    content_index: int = 0
    delta: str


class InputAudioTranscriptionCompleted(
    ServerEvent, tag=f"{_TRANSCRIPTION}.completed", frozen=True, kw_only=True
):
    item_id: str
    content_index: int = 0
    transcript: str
    usage: DurationUsage


class TranscriptionError(Wire, frozen=True, kw_only=True):
    type: Literal["server_error"] = "server_error"
    code: Literal["transcription_failed"] = "transcription_failed"
    message: str


class InputAudioTranscriptionFailed(
    ServerEvent, tag=f"{_TRANSCRIPTION}.failed", frozen=True, kw_only=True
):
    item_id: str
    content_index: int = 0
    error: TranscriptionError
