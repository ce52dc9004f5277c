"""Find a Whisper model on this machine, and never anywhere else."""

import os
from collections.abc import Iterator
from pathlib import Path

from rtcserver.errors import ConfigError

_NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Without the last, faster-whisper would ask the network for OpenAI's."""

_OWNER = "Systran/faster-whisper-"
_OTHER_OWNERS = {
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
    "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
    "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}


def find_model(name: str) -> Path:
    """The folder of a model, given by its path or by its name in Hugging Face's cache.

    Raises ConfigError, which says what to do about it.
    """
    if Path(name).is_dir():
        return _whole(Path(name))
    if name.startswith(("/", ".", "~")):
        raise ConfigError(f"no such folder: {name}; {_remedy('base.en')}")
    for folder in _cached(_repository(name)):
        return _whole(folder)
    raise ConfigError(f"no Whisper model {name} in {_cache()}; {_remedy(name)}")


def _whole(folder: Path) -> Path:
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise ConfigError(
            f"{folder} is no whole Whisper model: it lacks {', '.join(missing)}; "
            f"{_remedy('base.en')}"
        )
    return folder


def _remedy(name: str) -> str:
    return (
        f"run `hf download {_repository(name)}` where there is a network,"
        " or give the folder of a model converted for CTranslate2: whisper:/folder"
    )


def _repository(name: str) -> str:
    """ "base.en" -> "Systran/faster-whisper-base.en"; "owner/name" is one already."""
    return name if "/" in name else _OTHER_OWNERS.get(name, _OWNER + name)


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
