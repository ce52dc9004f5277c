"""Samples as a WAV file: a header of 44 bytes and little-endian PCM."""

import struct

from rtcserver.audio.format import SAMPLE_RATE, Samples

_PCM, _MONO, _BYTES, _BITS = 1, 1, 2, 16


def as_wav(samples: Samples) -> bytes:
    """http://soundfile.sapp.org/doc/WaveFormat/"""
    pcm = samples.astype("<i2").tobytes()
    form = (_PCM, _MONO, SAMPLE_RATE, SAMPLE_RATE * _BYTES, _BYTES, _BITS)
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, *form)
    return header + struct.pack("<4sI", b"data", len(pcm)) + pcm
