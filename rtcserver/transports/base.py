"""What a session asks of the wire it is on: WebRTC, WebSocket or a phone."""

from dataclasses import dataclass
from typing import Protocol

from rtcserver.audio.format import Samples
from rtcserver.realtime.codec import ServerEvent
from rtcserver.realtime.formats import AudioFormatName


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """Caller's audio: 24 kHz mono int16, any number of samples."""

    samples: Samples


@dataclass(frozen=True, slots=True)
class EventReceived:
    """One client event, still as it came: JSON text (or bytes) up to the size limit."""

    text: str | bytes


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sample of a response left for the listener's ear."""

    response_id: str


@dataclass(frozen=True, slots=True)
class PlaybackStopped:
    """A finished response was played to its end. Not sent after clear()."""

    response_id: str


Inbound = AudioReceived | EventReceived | PlaybackStarted | PlaybackStopped


@dataclass(frozen=True, slots=True)
class AudioPart:
    """Which content part of which response a frame belongs to."""

    response_id: str
    item_id: str
    output_index: int = 0
    content_index: int = 0


class Transport(Protocol):
    """One caller's wire. One inbox, so that a commit never overtakes its audio."""

    owns_playback: bool
    """True where the server paces the audio (WebRTC, phone): `output_audio_buffer.*` events
    exist there. False where audio travels in events (WebSocket)."""

    def set_output_format(self, name: AudioFormatName) -> None:
        """Encode audio that travels in events as "audio/pcm", "audio/pcmu" or "audio/pcma".
        A wire that negotiates its own codec (WebRTC) ignores this."""
        ...

    async def recv(self) -> Inbound:
        """The next thing the wire has to say. Raises TransportClosed once the peer has left."""
        ...

    def send(self, event: ServerEvent) -> None:
        """Queue an event, in order. A peer that does not read loses the call, not our memory."""
        ...

    async def write(self, frame: Samples, part: AudioPart) -> None:
        """Queue audio of a response. Returns early until the wire's allowed lead over the
        listener's ear is used up (WebRTC: 30 s; WebSocket: 0.3 s), then waits."""
        ...

    def finish(self) -> None:
        """No more audio is coming for the response written last."""
        ...

    def pause(self) -> None:
        """Let nothing out, keeping what is queued. Silence at once where the server paces;
        elsewhere the client plays what it has in store. Idempotent."""
        ...

    def resume(self) -> None:
        """Go on from the same sample. Idempotent."""
        ...

    def clear(self) -> None:
        """Forget all that is queued; ends a pause. played() stays as it is until the next write."""
        ...

    def played(self) -> int:
        """Samples of the response written last that have left for the listener's ear."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Let go of the peer and every resource. Idempotent; bounded in time."""
        ...
