"""Speak a text with Flite, which bots use whatever engines the server has."""

import ctypes
from functools import cache

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import Resampler


class _Wave(ctypes.Structure):
    """cst_wave of flite/cst_wave.h."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


def speak(text: str, voice: str = "slt") -> Samples:
    """Raises OSError if Debian's libflite1 is missing."""
    flite = _library()
    wave = flite.flite_text_to_wave(text.encode("ascii"), _voice(voice))
    try:
        made = np.ctypeslib.as_array(wave.contents.samples, (wave.contents.num_samples,)).copy()
        resampler = Resampler(wave.contents.sample_rate, SAMPLE_RATE)
        return np.concatenate((resampler.push(made), resampler.flush()))
    finally:
        flite.delete_wave(wave)


@cache
def _library() -> ctypes.CDLL:
    flite = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
    flite.flite_text_to_wave.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    flite.flite_text_to_wave.restype = ctypes.POINTER(_Wave)
    flite.delete_wave.argtypes = (ctypes.POINTER(_Wave),)
    flite.delete_wave.restype = None
    flite.flite_init()
    return flite


@cache
def _voice(name: str) -> ctypes.c_void_p:
    _library()  # the voice's library needs its symbols
    register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
    register.argtypes, register.restype = (ctypes.c_char_p,), ctypes.c_void_p
    return ctypes.c_void_p(register(None))
