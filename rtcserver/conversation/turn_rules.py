"""What the session's turn detection means for the caller's turns; all lengths in samples."""

from dataclasses import dataclass
from functools import cached_property

from rtcserver.audio.format import from_milliseconds
from rtcserver.conversation.tool_rules import ToolRules
from rtcserver.realtime.session_object import SemanticVad, ServerVad, TurnDetection
from rtcserver.turns.activity import VadTiming
from rtcserver.turns.manual import ManualEnd
from rtcserver.turns.semantic_vad import SemanticVadEnd
from rtcserver.turns.server_vad import ServerVadEnd
from rtcserver.turns.turn_end import TurnEnd

# What semantic detection has no fields for is as a plain server VAD has it.
_PLAIN = ServerVad()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the session object has no field for."""

    onset_ms: int = 96
    soft_end_ms: int = 192
    interrupt_ms: int = 300
    resume_after_s: float = 1.0
    transcript_timeout_s: float = 3.0
    context_tokens: int = 32_768
    conversation_bytes: int = 64 * 2**20
    tools: ToolRules = ToolRules()
    voices: tuple[str, ...] = ()
    """That may be asked for; none means any."""


@dataclass(frozen=True)
class TurnRules:
    detection: TurnDetection | None
    """None: the client ends turns by hand."""
    limits: Limits
    answers: bool
    """False where speech is only written down."""
    english: bool
    """What the caller speaks, as far as the client has told."""

    @property
    def creates_response(self) -> bool:
        return self.answers and self.detection is not None and self.detection.create_response

    @property
    def expects_response(self) -> bool:
        """Who ends turns by hand asks for the answers by hand, too."""
        return self.answers and (self.detection is None or self.detection.create_response)

    @property
    def interrupts_response(self) -> bool:
        return self.detection is not None and self.detection.interrupt_response

    @property
    def idle_s(self) -> float | None:
        """Seconds without speech after which the assistant speaks again. It is about nothing but a
        response, so without automatic ones there is none."""
        idle_ms = self._vad.idle_timeout_ms if self.creates_response else None
        return None if idle_ms is None else idle_ms / 1000

    @property
    def prefix(self) -> int:
        return from_milliseconds(self._vad.prefix_padding_ms)

    @cached_property  # asked for with every window of audio
    def end(self) -> TurnEnd:
        match self.detection:
            case None:
                return ManualEnd()
            case SemanticVad(eagerness=eagerness):
                return SemanticVadEnd(eagerness, english=self.english)
            case ServerVad(silence_duration_ms=silence_ms):
                return ServerVadEnd(from_milliseconds(silence_ms))

    @property
    def timing(self) -> VadTiming:
        return VadTiming(
            threshold=self._vad.threshold,
            onset=from_milliseconds(self.limits.onset_ms),
            soft_end=min(from_milliseconds(self.limits.soft_end_ms), self.end.soft_end),
        )

    @property
    def _vad(self) -> ServerVad:
        return self.detection if isinstance(self.detection, ServerVad) else _PLAIN
