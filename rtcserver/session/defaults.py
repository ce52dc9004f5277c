"""The session object and the limits a call starts with, from the settings."""

from rtcserver import config
from rtcserver.conversation.configuration import Limits
from rtcserver.realtime.session_object import (
    Audio,
    AudioFormat,
    AudioInput,
    AudioOutput,
    RealtimeSession,
    ServerVad,
    Transcription,
    merge,
)


def effective_session(
    settings: config.Settings,
    *,
    session_id: str,
    model: str | None,
    changes: RealtimeSession | None,
) -> RealtimeSession:
    """A value in every field; `model` and `changes` are what the client asked for up front."""
    pcm = AudioFormat(type="audio/pcm", rate=24_000)
    vad = ServerVad(
        threshold=settings.turn.threshold,
        prefix_padding_ms=settings.turn.prefix_padding_ms,
        silence_duration_ms=settings.turn.silence_duration_ms,
    )
    session = RealtimeSession(
        object="realtime.session",
        id=session_id,
        model=model or settings.session.model,
        output_modalities=("audio",),
        instructions=settings.session.instructions,
        audio=Audio(
            input=AudioInput(
                format=pcm,
                noise_reduction=None,
                transcription=Transcription(model=settings.session.model),
                turn_detection=vad,
            ),
            output=AudioOutput(format=pcm, voice=settings.session.voice, speed=1.0),
        ),
        tools=(),
        tool_choice="auto",
        max_output_tokens="inf",
        tracing=None,
        truncation="auto",
        include=None,
        prompt=None,
    )
    return merge(session, changes) if changes else session


def limits(turn: config.Turn) -> Limits:
    return Limits(
        onset_ms=turn.onset_ms,
        soft_end_ms=turn.soft_end_ms,
        interrupt_ms=turn.interrupt_ms,
        resume_after_s=turn.resume_after_ms / 1000,
        transcript_timeout_s=turn.transcript_timeout_ms / 1000,
    )
