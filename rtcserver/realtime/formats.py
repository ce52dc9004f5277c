"""Names of the audio encodings that may travel inside events."""

from typing import Literal

from rtcserver.realtime.base import Wire
from rtcserver.realtime.session_options import AudioPcm, AudioPcma, AudioPcmu

AudioFormatName = Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
"""s16le at 24 kHz, G.711 µ-law at 8 kHz, G.711 A-law at 8 kHz; all mono."""

_NAMES: dict[type[Wire], AudioFormatName] = {
    AudioPcm: "audio/pcm",
    AudioPcmu: "audio/pcmu",
    AudioPcma: "audio/pcma",
}


def format_name(audio_format: Wire) -> AudioFormatName:
    """Of an AudioFormat."""
    return _NAMES[type(audio_format)]
