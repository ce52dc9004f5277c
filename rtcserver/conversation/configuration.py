"""The effective session object, and what follows from it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from rtcserver.audio.format import from_milliseconds
from rtcserver.realtime.base import Absent
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.realtime.session_object import (
    AnyTool,
    AudioInput,
    RealtimeSession,
    ServerVad,
    TurnDetection,
    merge,
)
from rtcserver.turns.server_vad import VadTiming


@dataclass(frozen=True, slots=True)
class Limits:
    """What the session object has no field for."""

    onset_ms: int = 96
    soft_end_ms: int = 200
    interrupt_ms: int = 300
    resume_after_s: float = 1.0
    transcript_timeout_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one response is to be; `voice` None makes it text."""

    instructions: str
    voice: str | None
    tools: tuple[AnyTool, ...]
    tool_choice: str | dict[str, Any]
    max_tokens: int | None


class Configuration:
    """Holds a session object in which every field has a value; see session/defaults.py."""

    def __init__(self, effective: RealtimeSession, limits: Limits) -> None:
        self.effective = effective
        self.limits = limits

    def update(self, changes: RealtimeSession) -> None:
        self.effective = merge(self.effective, changes)

    @property
    def turn_detection(self) -> TurnDetection | None:
        """None: the client ends turns by hand."""
        return _there(self._input.turn_detection)

    @property
    def creates_response(self) -> bool:
        return self.turn_detection is not None and self.turn_detection.create_response

    @property
    def interrupts_response(self) -> bool:
        return self.turn_detection is not None and self.turn_detection.interrupt_response

    @property
    def wants_transcript(self) -> bool:
        return self._input.transcription is not None

    @property
    def formats(self) -> tuple[AudioFormatName, AudioFormatName]:
        """Of audio in events: from the client, to the client."""
        output = _there(_there(self.effective.audio).output)
        return _there(self._input.format).type, _there(output.format).type

    @property
    def vad(self) -> ServerVad:
        """Semantic detection ends a turn by the same silence until it has its own judgement."""
        detection = self.turn_detection
        return detection if isinstance(detection, ServerVad) else ServerVad()

    @property
    def vad_timing(self) -> VadTiming:
        # A pause has to come before the stop, however short the silence a client asks for.
        soft_end_ms = min(self.limits.soft_end_ms, self.vad.silence_duration_ms // 2)
        return VadTiming(
            threshold=self.vad.threshold,
            onset=from_milliseconds(self.limits.onset_ms),
            soft_end=from_milliseconds(soft_end_ms),
            silence=from_milliseconds(self.vad.silence_duration_ms),
        )

    def plan(self, params: ResponseParams) -> Plan:
        """What one response is to be: its own wishes, else the session's."""
        general, own = self.effective, params
        modalities = _first(own.output_modalities, general.output_modalities)
        limit = _first(own.max_output_tokens, general.max_output_tokens)
        return Plan(
            instructions=_first(own.instructions, general.instructions),
            voice=self._voice if modalities == ("audio",) else None,
            tools=_first(own.tools, general.tools),
            tool_choice=_first(own.tool_choice, general.tool_choice),
            max_tokens=limit if isinstance(limit, int) else None,
        )

    @property
    def _voice(self) -> str:
        voice = _there(_there(self.effective.audio).output).voice
        return str(voice.get("id", "")) if isinstance(voice, dict) else str(_there(voice))

    @property
    def _input(self) -> AudioInput:
        return _there(_there(self.effective.audio).input)


T = TypeVar("T")


def _there(value: T | Absent) -> T:
    """The effective session has a value in every field."""
    assert not isinstance(value, Absent)
    return value


def _first(own: Any, general: Any) -> Any:
    return _there(general if isinstance(own, Absent) else own)
