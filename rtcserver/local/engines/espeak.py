"""Speak with eSpeak NG, through its C library."""

import ctypes
from collections.abc import Sequence
from ctypes import CFUNCTYPE, POINTER, Structure, Union, c_char, c_char_p, c_int, c_short, c_void_p

import numpy as np

from rtcserver.audio.format import Samples
from rtcserver.errors import ConfigError
from rtcserver.extras import how_to_install
from rtcserver.local.engines.base import Speech, Times

_LIBRARY = "libespeak-ng.so.1"
# Constants of speak_lib.h.
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the callback runs before Synth returns
_DONT_EXIT = 0x8000
_BY_CHARACTER = 1
_UTF8 = 1
_WORD_EVENT = 1
_BUFFER_MS = 200
_VARIANTS = ("en-us", "en-us+klatt4", "en-us+f3")


class _Id(Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", c_char * 8))


class _Event(Structure):
    """espeak_EVENT."""

    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_int),
        ("text_position", c_int),  # of the character, counted from 1
        ("length", c_int),
        ("audio_position", c_int),  # ms
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _Id),
    )


_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class _Voice(Structure):
    """The beginning of espeak_VOICE."""

    _fields_ = (("name", c_char_p), ("languages", c_char_p))


class Espeak:
    """Its state is global, and two threads in it abort the process: one at a time."""

    name: str = "espeak"

    def __init__(self) -> None:
        """Raises ConfigError without the library or its data."""
        self._espeak, data = _load()
        self._callback = _Callback(self._take)  # kept: C holds no reference
        self._parts: list[Samples] = []
        self._starts: list[tuple[int, float]] = []
        self._espeak.espeak_Synth.argtypes = (
            *(c_char_p, ctypes.c_size_t, ctypes.c_uint, c_int, ctypes.c_uint, ctypes.c_uint),
            *(c_void_p, c_void_p),
        )
        self._rate_hz: int = self._espeak.espeak_Initialize(
            _SYNCHRONOUS, _BUFFER_MS, data, _DONT_EXIT
        )
        if self._rate_hz <= 0:
            raise ConfigError("eSpeak NG found no data: install libespeak-ng1")
        self._espeak.espeak_SetSynthCallback(self._callback)
        self.voices: tuple[str, ...] = (*_VARIANTS, *self._languages())

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        """Raises RuntimeError."""
        text = " ".join(words).replace("\0", " ")
        encoded = text.encode(errors="replace") + b"\0"
        self._parts, self._starts = [np.zeros(0, np.int16)], []
        self._espeak.espeak_SetVoiceByName(voice.encode())
        failed = self._espeak.espeak_Synth(
            encoded, len(encoded), 0, _BY_CHARACTER, 0, _UTF8, None, None
        )
        if failed:
            raise RuntimeError(f"eSpeak NG could not speak: error {failed}")
        samples = np.concatenate(self._parts)
        return Speech(samples, self._rate_hz, self._times(words, len(samples) / self._rate_hz))

    def _languages(self) -> list[str]:
        """Each by its own name, "de" or "pt-br"."""
        self._espeak.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
        voices, names, at = self._espeak.espeak_ListVoices(None), set[str](), 0
        while voices[at]:
            # A byte of priority stands before the name.
            names.add(voices[at].contents.languages[1:].decode())
            at += 1
        return sorted(names.difference(_VARIANTS))

    def _take(
        self, samples: "ctypes._Pointer[c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        """Called by C with some samples, and the events among them up to one of type 0."""
        if samples and count > 0:
            self._parts.append(np.ctypeslib.as_array(samples, (count,)).astype(np.int16))
        at = 0
        while events[at].type:
            if events[at].type == _WORD_EVENT:
                event = events[at]
                self._starts.append((event.text_position - 1, event.audio_position / 1000))
            at += 1
        return 0

    def _times(self, words: Sequence[str], length_s: float) -> Times:
        """A word lasts until the next; it starts with the first event at it or the space before."""
        starts, begin, last_s = [], 0, 0.0
        for word in words:
            inside = [s for at, s in self._starts if begin - 1 <= at < begin + len(word)]
            last_s = max(last_s, inside[0]) if inside else last_s
            starts.append(last_s)
            begin += len(word) + 1
        return tuple(zip(starts, [*starts[1:], length_s], strict=True))


def _load() -> tuple[ctypes.CDLL, bytes | None]:
    """The library, and where its data are if not in the usual place. Raises ConfigError."""
    try:
        import espeakng_loader
    except ModuleNotFoundError:
        pass
    else:
        data = str(espeakng_loader.get_data_path()).encode()
        return ctypes.CDLL(str(espeakng_loader.get_library_path())), data
    try:
        return ctypes.CDLL(_LIBRARY), None
    except OSError as exc:
        raise ConfigError(
            f"eSpeak NG is missing: apt-get install libespeak-ng1, or {how_to_install('espeak')}"
        ) from exc
