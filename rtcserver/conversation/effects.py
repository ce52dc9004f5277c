"""What a conversation wants done. Carried out by the session, in order."""

from dataclasses import dataclass
from typing import Any

from rtcserver.conversation.context import ChatRequest
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.realtime.mcp_tool import McpTool


@dataclass(frozen=True, slots=True)
class Send:
    """Tell the client."""

    event: ServerEvent


@dataclass(frozen=True, slots=True)
class FlushTranscriber:
    """Ask for every word of the audio so far, to be followed by Final(mark)."""

    mark: int


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Start to make a reply, but let nothing of it out. `voice` None makes it text only."""

    response_id: str
    request: ChatRequest
    voice: str | None
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class TurnTiming:
    """Moments of the caller's turn on the session's clock, in seconds."""

    speech_ended_at: float
    turn_ended_at: float
    transcript_ready_at: float


@dataclass(frozen=True, slots=True)
class ReleaseReply:
    """Let a prepared reply out. Audio of it that travels in events is encoded as `output_format`;
    `timing` is of the spoken turn it answers, if it answers one."""

    response_id: str
    item_id: str
    output_format: AudioFormatName
    timing: TurnTiming | None


@dataclass(frozen=True, slots=True)
class DropReply:
    """Stop making a reply, released or not."""

    response_id: str


@dataclass(frozen=True, slots=True)
class PausePlayback:
    pass


@dataclass(frozen=True, slots=True)
class ResumePlayback:
    pass


@dataclass(frozen=True, slots=True)
class ClearPlayback:
    """Forget all audio that was not heard yet."""


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """Audio of the caller that travels in events is encoded so from now on."""

    input_format: AudioFormatName


@dataclass(frozen=True, slots=True)
class OpenToolbox:
    """Connect to a server of tools and ask for them: ToolsListed or ToolsFailed answers. `server`
    None is the operator's of that label."""

    box: str
    label: str
    server: McpTool | None


@dataclass(frozen=True, slots=True)
class CloseToolbox:
    box: str


@dataclass(frozen=True, slots=True)
class RunTool:
    """ToolResult or ToolFailed answers."""

    call_id: str
    box: str
    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CancelTool:
    """Its result is not wanted any more."""

    call_id: str


ToolEffect = OpenToolbox | CloseToolbox | RunTool | CancelTool
Effect = (
    Send
    | FlushTranscriber
    | PrepareReply
    | ReleaseReply
    | DropReply
    | PausePlayback
    | ResumePlayback
    | ClearPlayback
    | Reconfigure
    | ToolEffect
)
