"""Every engine that can speak, by the scheme of its address."""

import logging
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from rtcserver.errors import ConfigError
from rtcserver.local.engines.base import SpeechEngine
from rtcserver.local.engines.espeak import Espeak
from rtcserver.local.engines.flite import Flite
from rtcserver.local.engines.kokoro import Kokoro
from rtcserver.local.engines.piper import Piper
from rtcserver.local.engines.tones import Tones

_BY_VOICE: Mapping[str, Callable[[], SpeechEngine]] = {
    "flite": Flite,
    "espeak": Espeak,
    "tones": Tones,
}
"""In the order of preference; the last one always works."""
_BY_MODEL: Mapping[str, Callable[[str], SpeechEngine]] = {"piper": Piper, "kokoro": Kokoro}
_FILES = {"piper": "voice.onnx", "kokoro": "model.onnx"}
NAMES = ("auto", *_BY_VOICE, *_BY_MODEL)

_NAMED = 8  # voices in an error's text; eSpeak NG has more than a hundred

_log = logging.getLogger(__name__)


def make_engine(name: str, which: str = "") -> tuple[SpeechEngine, str]:
    """The engine `name`, or for "auto" the first that works here, and the voice to speak with.

    `which` is the file of its model; of an engine without, a voice, or "" for its own choice.
    Raises ConfigError.
    """
    if name in _BY_MODEL:
        if not which:
            raise ConfigError(f"name a file: {name}:/folder/{_FILES[name]}")
        engine = _BY_MODEL[name](which)
        return engine, engine.voices[0]
    engine = _first_that_works() if name == "auto" else _BY_VOICE[name]()
    if which and which not in engine.voices:
        near = get_close_matches(which, engine.voices, _NAMED, cutoff=0) or engine.voices[:_NAMED]
        more = f" and {len(engine.voices) - _NAMED} more" * (len(engine.voices) > _NAMED)
        raise ConfigError(f"{engine.name} has no voice {which}; it has {', '.join(near)}{more}")
    return engine, which or engine.voices[0]


def _first_that_works() -> SpeechEngine:
    for make in _BY_VOICE.values():
        try:
            return make()
        except ConfigError as exc:
            _log.info("%s", exc)
    raise ConfigError("no speech engine works here")
