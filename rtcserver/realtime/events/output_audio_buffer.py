"""output_audio_buffer.*: what is being played, on wires where the server paces the audio."""

from rtcserver.realtime.base import ClientEvent, ServerEvent


class OutputAudioBufferClear(
    ClientEvent, tag="output_audio_buffer.clear", frozen=True, kw_only=True
):
    pass


class OutputAudioBufferStarted(
    ServerEvent, tag="output_audio_buffer.started", frozen=True, kw_only=True
):
    response_id: str


class OutputAudioBufferStopped(
    ServerEvent, tag="output_audio_buffer.stopped", frozen=True, kw_only=True
):
    response_id: str


class OutputAudioBufferCleared(
    ServerEvent, tag="output_audio_buffer.cleared", frozen=True, kw_only=True
):
    response_id: str
