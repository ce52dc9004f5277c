"""input_audio_buffer.*: the audio the caller is sending."""

from rtcserver.realtime.base import ClientEvent, ServerEvent


class InputAudioBufferAppend(
    ClientEvent, tag="input_audio_buffer.append", frozen=True, kw_only=True
):
    """`audio` is base64 of the session's input format."""

    audio: str


class InputAudioBufferCommit(
    ClientEvent, tag="input_audio_buffer.commit", frozen=True, kw_only=True
):
    pass


class InputAudioBufferClear(ClientEvent, tag="input_audio_buffer.clear", frozen=True, kw_only=True):
    pass


class InputAudioBufferSpeechStarted(
    ServerEvent, tag="input_audio_buffer.speech_started", frozen=True, kw_only=True
):
    """`audio_start_ms` counts all audio of the session, prefix padding included."""

    item_id: str
    audio_start_ms: int


class InputAudioBufferSpeechStopped(
    ServerEvent, tag="input_audio_buffer.speech_stopped", frozen=True, kw_only=True
):
    item_id: str
    audio_end_ms: int


class InputAudioBufferCommitted(
    ServerEvent, tag="input_audio_buffer.committed", frozen=True, kw_only=True
):
    item_id: str
    previous_item_id: str | None


class InputAudioBufferCleared(
    ServerEvent, tag="input_audio_buffer.cleared", frozen=True, kw_only=True
):
    pass


class InputAudioBufferTimeoutTriggered(
    ServerEvent, tag="input_audio_buffer.timeout_triggered", frozen=True, kw_only=True
):
    """Nobody has spoken since the last response was played, from `audio_start_ms` on."""

    item_id: str
    audio_start_ms: int
    audio_end_ms: int
