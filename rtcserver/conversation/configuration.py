"""The effective session object, and what follows from it."""

from dataclasses import dataclass

from rtcserver.audio.format import from_milliseconds
from rtcserver.realtime.base import there
from rtcserver.realtime.formats import AudioFormatName, format_name
from rtcserver.realtime.merge import updated
from rtcserver.realtime.session_object import (
    AnySession,
    AudioInput,
    RealtimeSession,
    ServerVad,
    TurnDetection,
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


class Configuration:
    """Holds a session object in which every field has a value; see session/defaults.py."""

    def __init__(self, effective: AnySession, limits: Limits) -> None:
        self.effective = effective
        self.limits = limits

    def update(self, changes: AnySession) -> None:
        """Raises ProtocolError for a session of another type."""
        self.effective = updated(self.effective, changes)

    @property
    def answering(self) -> RealtimeSession:
        """The session, in a call that has an assistant."""
        assert isinstance(self.effective, RealtimeSession)
        return self.effective

    @property
    def transcribes_only(self) -> bool:
        """There is no assistant: speech is written down and nobody answers."""
        return not isinstance(self.effective, RealtimeSession)

    @property
    def turn_detection(self) -> TurnDetection | None:
        """None: the client ends turns by hand."""
        return there(self._input.turn_detection)

    @property
    def creates_response(self) -> bool:
        detection = None if self.transcribes_only else self.turn_detection
        return detection is not None and detection.create_response

    @property
    def interrupts_response(self) -> bool:
        return self.turn_detection is not None and self.turn_detection.interrupt_response

    @property
    def wants_transcript(self) -> bool:
        return self.transcribes_only or self._input.transcription is not None

    @property
    def formats(self) -> tuple[AudioFormatName, AudioFormatName]:
        """Of audio in events: from the client, to the client."""
        coming = format_name(there(self._input.format))
        if not isinstance(self.effective, RealtimeSession):
            return coming, coming
        output = there(there(self.effective.audio).output)
        return coming, format_name(there(output.format))

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

    @property
    def _input(self) -> AudioInput:
        effective = self.effective
        if isinstance(effective, RealtimeSession):
            return there(there(effective.audio).input)
        return there(there(effective.audio).input)
