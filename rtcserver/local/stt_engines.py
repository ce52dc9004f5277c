"""Choose what recognises speech on this machine."""

from dataclasses import dataclass
from importlib.util import find_spec

from rtcserver.errors import ConfigError
from rtcserver.extras import how_to_install
from rtcserver.local.supervisor import Child
from rtcserver.local.whisper_model import NoSuchModel, find_model


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that decodes, and how its words are to be taken."""

    label: str
    decoders: Child
    longest_s: float
    """What an utterance may last: it is cut there."""
    held_s: float
    """How much must be understood after a word before it no longer changes."""
    why: str = ""
    """Why it is not a better one, or how it may become one."""


def choose(wanted: str, model: str, language: str) -> Engine:
    """`wanted`: "whisper", "pocketsphinx", or "auto" for the best there is. Raises ConfigError."""
    match wanted:
        case "whisper":
            return _whisper(model, language)
        case "pocketsphinx":
            return _pocketsphinx("")
        case _:
            try:
                return _whisper(model, language)
            except NoSuchModel as exc:
                return _pocketsphinx(f"Whisper would understand more: {exc.remedy}")
            except ConfigError as exc:
                return _pocketsphinx(str(exc))


def _whisper(model: str, language: str) -> Engine:
    """It makes sure of its words itself. Its window of 30 s must hold an utterance whole, with
    the padding before it and the silence that ends it."""
    arguments = ("--model", str(find_model(model)), "--language", language)
    decoders = Child("decoders", "rtcserver.local.whisper_decoders", arguments)
    return Engine(f"whisper {model}", decoders, longest_s=28.0, held_s=0.0)


def _pocketsphinx(why: str) -> Engine:
    if find_spec("pocketsphinx") is None:
        lacking = f"PocketSphinx is missing: {how_to_install('local')}"
        raise ConfigError(f"{why}; {lacking}" if why else lacking)
    decoders = Child("decoders", "rtcserver.local.stt_decoders")
    # An utterance's cost grows with its length. With words held back for 2 s, one sentence in
    # 200 keeps one that its end disproves; after 1 s it would be one in five.
    return Engine("pocketsphinx", decoders, longest_s=30.0, held_s=2.0, why=why)
