"""What can happen to a conversation, beside the client's own events and what was heard."""

from dataclasses import dataclass

from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.conversation.usage import Counted
from rtcserver.realtime.base import ClientEvent
from rtcserver.turns.hearing import Hearing


@dataclass(frozen=True, slots=True)
class SpeechScore:
    """How likely samples begin..end of the caller's audio are speech."""

    probability: float
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class ReplyText:
    """More of the written reply, and the words that a voice says for it, if it is spoken."""

    response_id: str
    delta: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyWord:
    """When a word that was to be said sounds, in seconds of the reply's audio."""

    response_id: str
    text: str
    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True)
class ReplyAudio:
    """So many samples of the reply were written to the wire."""

    response_id: str
    samples: int


@dataclass(frozen=True, slots=True)
class ReplyBroken:
    """What was written and has not sounded never will; an apology may follow."""

    response_id: str


@dataclass(frozen=True, slots=True)
class ReplyToolCall:
    response_id: str
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """All of the reply has been made; `complete` is False if it ran into its token limit."""

    response_id: str
    usage: Counted | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """A service broke; what was made before stays."""

    response_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    response_id: str


@dataclass(frozen=True, slots=True)
class PlaybackStopped:
    response_id: str


@dataclass(frozen=True, slots=True)
class ToolsListed:
    box: str
    tools: tuple[ToolSpec, ...]


@dataclass(frozen=True, slots=True)
class ToolsFailed:
    """A server of tools could not be asked for them."""

    box: str
    message: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class ToolFailed:
    """`code` is JSON-RPC's, if the server of the tool failed and not the tool itself."""

    call_id: str
    message: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


ReplyInput = (
    ReplyText | ReplyWord | ReplyAudio | ReplyBroken | ReplyToolCall | ReplyEnded | ReplyFailed
)
ToolInput = ToolsListed | ToolsFailed | ToolResult | ToolFailed
Input = (
    SpeechScore
    | Hearing
    | ClientEvent
    | ReplyInput
    | PlaybackStarted
    | PlaybackStopped
    | ToolInput
    | Tick
)
