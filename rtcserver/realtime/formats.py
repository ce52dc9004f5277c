"""Names of the audio encodings that may travel inside events."""

from typing import Literal

AudioFormatName = Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
"""s16le at 24 kHz, G.711 µ-law at 8 kHz, G.711 A-law at 8 kHz; all mono."""
