"""The effective session object, and what follows from it."""

from rtcserver.conversation.plan import plan
from rtcserver.conversation.tool_rules import without_secrets
from rtcserver.conversation.turn_rules import Limits, TurnRules
from rtcserver.realtime.base import given, there
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.realtime.formats import AudioFormatName, format_name
from rtcserver.realtime.merge import updated
from rtcserver.realtime.session_object import (
    AnySession,
    AnyTool,
    AudioInput,
    RealtimeSession,
)


class Configuration:
    """Holds a session object in which every field has a value; see session/defaults.py."""

    def __init__(self, effective: AnySession, limits: Limits) -> None:
        self.effective = effective
        self.limits = limits
        self.turns = self._rules()  # kept: they are asked for with every window of audio

    def update(self, changes: AnySession) -> None:
        """Raises ProtocolError for a session of another type."""
        self.effective = updated(self.effective, changes)
        self.turns = self._rules()

    def take_tools(self) -> tuple[AnyTool, ...]:
        """The session's tools as they came; from now on their secrets are known to nobody here."""
        if self.transcribes_only:
            return ()
        tools = there(self.answering.tools)
        self.effective = without_secrets(self.effective)
        return tools

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
    def expected_voice(self) -> str | None:
        """That of an answer to what the caller says now; None if it is not to be spoken."""
        if not self.turns.expects_response:
            return None
        usual = plan(self.answering, ResponseParams())
        return usual.voice if usual.spoken else None

    def _rules(self) -> TurnRules:
        transcription = given(self._input.transcription)
        language = given(transcription.language) if transcription else None
        return TurnRules(
            detection=there(self._input.turn_detection),
            limits=self.limits,
            answers=not self.transcribes_only,
            english=language is None or language.lower().startswith("en"),
        )

    @property
    def wants_transcript(self) -> bool:
        return self.transcribes_only or self._input.transcription is not None

    @property
    def input_format(self) -> AudioFormatName:
        """Of the caller's audio, where it travels in events."""
        return format_name(there(self._input.format))

    @property
    def _input(self) -> AudioInput:
        effective = self.effective
        if isinstance(effective, RealtimeSession):
            return there(there(effective.audio).input)
        return there(there(effective.audio).input)
