"""Find a Whisper model on this machine, and never anywhere else."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from rtcserver.errors import ConfigError

_NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Without the last, faster-whisper would ask the network for OpenAI's."""

_OF_SYSTRAN = (
    *("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en"),
    *("large-v1", "large-v2", "large-v3"),
)
_REPOSITORIES = {name: f"Systran/faster-whisper-{name}" for name in _OF_SYSTRAN} | {
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
    "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
    "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}


_FOLDER = "the folder of a model converted for CTranslate2: whisper:/folder"


class NoSuchModel(ConfigError):
    """Nothing is broken, but there is none of that name; `remedy` says how to get it."""

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(f"no Whisper model {name} in {_cache()}; {remedy}")
        self.remedy = remedy


def find_model(name: str) -> Path:
    """The folder of a model, given by its path or by its name in Hugging Face's cache.

    Raises ConfigError, which says what to do about it.
    """
    if Path(name).is_dir():
        return _whole(Path(name))
    if name.startswith(("/", ".", "~")):
        raise ConfigError(f"no such folder: {name}; {_remedy()}")
    repository = name if "/" in name else _REPOSITORIES.get(name)
    if repository is None:
        raise ConfigError(
            f"no Whisper model is called {name}; there are {', '.join(_REPOSITORIES)};"
            f" or give {_FOLDER}"
        )
    for folder in _cached(repository):
        return _whole(folder)
    raise NoSuchModel(name, _remedy(repository))


def _whole(folder: Path) -> Path:
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise ConfigError(
            f"{folder} is no whole Whisper model: it lacks {', '.join(missing)}; {_remedy()}"
        )
    return folder


def _remedy(repository: str = _REPOSITORIES["base.en"]) -> str:
    """The command comes with faster-whisper, and lies where our own interpreter does."""
    command = Path(sys.executable).with_name("hf")
    return f"run `{command} download {repository}` where there is a network, or give {_FOLDER}"


def _cached(repository: str) -> Iterator[Path]:
    """Its downloads, the newest first."""
    snapshots = _cache() / f"models--{repository.replace('/', '--')}" / "snapshots"
    found = [folder for folder in snapshots.glob("*") if folder.is_dir()]
    yield from sorted(found, key=lambda folder: folder.stat().st_mtime, reverse=True)


def _cache() -> Path:
    """https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables"""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(caches).expanduser() / "huggingface" / "hub"
