"""Speak with Flite, through its C library."""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, Structure, c_char_p, c_float, c_int, c_short, c_void_p
from functools import cache

import numpy as np

from rtcserver.errors import ConfigError
from rtcserver.local.engines.base import Speech, Times, spread
from rtcserver.local.engines.plain import plain

_LIBRARY = "libflite.so.1"
_VOICE_LIBRARY = "libflite_cmu_us_{}.so.1"
_VOICES = ("slt", "rms", "awb", "kal16", "kal")
_START = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"  # the end of the sound before
_STOP = b"R:SylStructure.daughtern.daughtern.R:Segment.end"


class _Wave(Structure):
    """cst_wave of Flite's cst_wave.h."""

    _fields_ = (
        ("type", c_char_p),
        ("rate_hz", c_int),
        ("count", c_int),
        ("channels", c_int),
        ("samples", POINTER(c_short)),
    )


_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "flite_init": (c_int, ()),
    "flite_synth_text": (c_void_p, (c_char_p, c_void_p)),
    "delete_utterance": (None, (c_void_p,)),
    "utt_wave": (POINTER(_Wave), (c_void_p,)),
    "utt_relation": (c_void_p, (c_void_p, c_char_p)),
    "relation_head": (c_void_p, (c_void_p,)),
    "item_next": (c_void_p, (c_void_p,)),
    "item_daughter": (c_void_p, (c_void_p,)),
    "ffeature_float": (c_float, (c_void_p, c_char_p)),
}


class Flite:
    """Its voices are objects of the whole process: one thread at a time. The GIL is released."""

    name: str = "flite"

    def __init__(self) -> None:
        """Raises ConfigError without the library or any voice."""
        self._flite = _load(_LIBRARY)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._flite, name)
            function.restype, function.argtypes = result, arguments
        self._flite.flite_init()
        self._voices = {name: voice for name in _VOICES if (voice := _voice(name))}
        if not self._voices:
            raise ConfigError("Flite has no voice: install libflite1")
        self.voices: tuple[str, ...] = tuple(self._voices)

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        spelt = [plain(word) for word in words]
        with self._utterance(" ".join(filter(None, spelt)), voice) as utterance:
            wave = self._flite.utt_wave(utterance).contents
            rate_hz = wave.rate_hz
            samples = np.ctypeslib.as_array(wave.samples, (wave.count,)).astype(np.int16)
            spans = list(self._spans(utterance))
        # Flite cuts its tokens at white space alone, so each written word is one token.
        counts = [len(word.split()) for word in spelt]
        if sum(counts) != len(spans):
            times = spread(words, 0.0, len(samples) / rate_hz)
        else:
            times = _join(spans, counts)
        return Speech(samples, rate_hz, times)

    @contextmanager
    def _utterance(self, text: str, voice: str) -> Iterator[int]:
        utterance = self._flite.flite_synth_text(text.encode("ascii"), self._voices[voice])
        if not utterance:
            raise RuntimeError("Flite could not speak")
        try:
            yield utterance
        finally:
            self._flite.delete_utterance(utterance)

    def _spans(self, utterance: int) -> Iterator[tuple[float, float]]:
        """Start and stop of each token; of one without sound, the stop of the one before."""
        at_s = 0.0
        for token in self._items(self._flite.utt_relation(utterance, b"Token"), "relation_head"):
            spoken = [
                (self._flite.ffeature_float(word, _START), self._flite.ffeature_float(word, _STOP))
                for word in self._items(token, "item_daughter")
            ]
            sounds = [span for span in spoken if span[1] > 0]
            start_s, at_s = (sounds[0][0], sounds[-1][1]) if sounds else (at_s, at_s)
            yield start_s, at_s

    def _items(self, parent: int, first: str) -> Iterator[int]:
        item = getattr(self._flite, first)(parent)
        while item:
            yield item
            item = self._flite.item_next(item)


def _join(spans: Sequence[tuple[float, float]], counts: Sequence[int]) -> Times:
    """Times of words that are `counts` tokens each; one of none has no length."""
    times, at, last_s = [], 0, 0.0
    for count in counts:
        if count:
            times.append((spans[at][0], spans[at + count - 1][1]))
            last_s = times[-1][1]
        else:
            times.append((last_s, last_s))
        at += count
    return tuple(times)


@cache
def _load(name: str) -> ctypes.CDLL:
    """Raises ConfigError."""
    try:
        return ctypes.CDLL(name)
    except OSError as exc:
        raise ConfigError(f"{name} is missing: install libflite1") from exc


@cache
def _voice(name: str) -> int | None:
    """The registered voice, or None if it is not installed."""
    try:
        library = ctypes.CDLL(_VOICE_LIBRARY.format(name))
    except OSError:
        return None
    register: Callable[[None], int] = getattr(library, f"register_cmu_us_{name}")
    register.restype, register.argtypes = c_void_p, (c_void_p,)  # type: ignore[attr-defined]
    return register(None)
