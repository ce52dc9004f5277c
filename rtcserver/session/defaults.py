"""The session object and the limits a call starts with, from the settings."""

from msgspec import structs

from rtcserver import config
from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.conversation.tool_rules import ToolRules
from rtcserver.conversation.turn_rules import Limits
from rtcserver.realtime.merge import merge
from rtcserver.realtime.session_object import (
    AnySession,
    Audio,
    AudioInput,
    AudioOutput,
    RealtimeSession,
    ServerVad,
    TranscriptionAudio,
    TranscriptionSession,
)
from rtcserver.realtime.session_options import AudioPcm, Transcription


def effective_session(
    settings: config.Settings,
    *,
    session_id: str,
    expires_at: int,
    model: str | None,
    changes: AnySession | None,
) -> AnySession:
    """A value in every field; `model` and `changes` are what the client asked for up front, and
    `expires_at` in seconds since 1970 is when the call will have reached its limit."""
    if isinstance(changes, TranscriptionSession):
        return merge(_transcription(settings, session_id, expires_at), changes)
    session = _realtime(settings, session_id, expires_at)
    if model:
        session = structs.replace(session, model=model)
    return merge(session, changes) if changes else session


def _realtime(settings: config.Settings, session_id: str, expires_at: int) -> RealtimeSession:
    output = AudioOutput(format=AudioPcm(), voice=settings.session.voice, speed=1.0)
    return RealtimeSession(
        object="realtime.session",
        id=session_id,
        expires_at=expires_at,
        model=settings.session.model,
        output_modalities=("audio",),
        instructions=settings.session.instructions,
        audio=Audio(input=_input(settings), output=output),
        tools=(),
        tool_choice="auto",
        parallel_tool_calls=True,
        max_output_tokens="inf",
        reasoning=None,
        tracing=None,
        truncation="auto",
        include=None,
        prompt=None,
    )


def _transcription(
    settings: config.Settings, session_id: str, expires_at: int
) -> TranscriptionSession:
    return TranscriptionSession(
        object="realtime.transcription_session",
        id=session_id,
        expires_at=expires_at,
        audio=TranscriptionAudio(input=_input(settings)),
        include=None,
    )


def _input(settings: config.Settings) -> AudioInput:
    return AudioInput(
        format=AudioPcm(),
        noise_reduction=None,
        transcription=Transcription(model=settings.session.model),
        turn_detection=server_vad(settings.turn),
    )


def server_vad(turn: config.Turn, *, create_response: bool = True) -> ServerVad:
    return ServerVad(
        threshold=turn.threshold,
        prefix_padding_ms=turn.prefix_padding_ms,
        silence_duration_ms=turn.silence_duration_ms,
        create_response=create_response,
    )


def limits(settings: config.Settings, own_tools: tuple[str, ...]) -> Limits:
    """`own_tools` are the labels of the operator's servers of tools."""
    turn = settings.turn
    return Limits(
        onset_ms=turn.onset_ms,
        soft_end_ms=turn.soft_end_ms,
        interrupt_ms=turn.interrupt_ms,
        resume_after_s=turn.resume_after_ms / 1000,
        transcript_timeout_s=turn.transcript_timeout_ms / 1000,
        context_tokens=settings.llm.context_tokens,
        conversation_bytes=settings.session.max_conversation_bytes,
        tools=_tool_rules(settings.tools, own_tools),
        voices=(settings.session.voice, *voices) if (voices := settings.tts.voices) else (),
    )


def _tool_rules(tools: config.Tools, own: tuple[str, ...]) -> ToolRules:
    policies = (text.rpartition("=") for text in tools.on_interrupt)
    return ToolRules(
        own=own,
        allowed_urls=tools.mcp_allowed_urls,
        on_interrupt={name: OnInterrupt(policy) for name, _, policy in policies},
        max_rounds=tools.max_rounds,
        max_running=tools.max_running,
        max_result_chars=tools.max_result_chars,
    )
