"""Load the settings: flag > environment > .env > TOML file > default; keep where each came from."""

import tomllib
from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rtcserver.config import Settings
from rtcserver.errors import ConfigError

PREFIX, DELIMITER = "RTCSERVER_", "__"
FILE_VARIABLE = "RTCSERVER_CONFIG"
DEFAULT_FILE, DOTENV_FILE = Path("rtcserver.toml"), Path(".env")

Given = dict[str, tuple[Any, str]]
"""What one source gives: "turn.threshold" -> (the value as written, where it was written)."""


class _Shape(Settings, BaseSettings):
    """Tells pydantic-settings how our variables are spelt."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        enable_decoding=False,  # lists come with commas, see config.py, not as JSON
        dotenv_filtering="only_existing",  # .env may hold keys of other programs
        extra="ignore",
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and for each that is not a default ("turn.threshold") where it came from."""

    settings: Settings
    sources: Mapping[str, str]


def all_keys() -> list[str]:
    """Every setting there is, as "section.key", in the order of config.py."""
    return [
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        for key in type(field.default).model_fields
    ]


def variable(key: str) -> str:
    """ "turn.threshold" -> "RTCSERVER_TURN__THRESHOLD"."""
    return PREFIX + key.replace(".", DELIMITER).upper()


def load(flags: Mapping[str, str] | None = None, config_file: str | None = None) -> Loaded:
    """Read all sources. `flags` are "section.key" -> text. Raises ConfigError, a line a mistake."""
    environment, dotenv = EnvSettingsSource(_Shape), DotEnvSettingsSource(_Shape, DOTENV_FILE)
    named = environment.env_vars.get(FILE_VARIABLE.lower()) or dotenv.env_vars.get(
        FILE_VARIABLE.lower()
    )
    given: ChainMap[str, tuple[Any, str]] = ChainMap(
        {key: (value, f"--{key}") for key, value in (flags or {}).items()},
        _variables(environment, ""),
        _variables(dotenv, f" in {DOTENV_FILE}"),
        _file(config_file or named),
    )
    _refuse_unknown({key: source for key, (_, source) in given.items()}, all_keys(), "setting")
    tree: dict[str, dict[str, Any]] = {}
    for key, (value, _) in given.items():
        section, _, name = key.partition(".")
        tree.setdefault(section, {})[name] = value
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as exc:
        lines = [_complaint(error, given) for error in exc.errors(include_url=False)]
        raise ConfigError("\n".join(dict.fromkeys(lines))) from None  # its text shows secrets
    return Loaded(settings, {key: source for key, (_, source) in given.items()})


def _variables(source: EnvSettingsSource, where: str) -> Given:
    ours = {name.upper(): "" for name in source.env_vars if name.startswith(PREFIX.lower())}
    _refuse_unknown(ours, [*map(variable, all_keys()), FILE_VARIABLE], f"variable{where}")
    return {
        (key := f"{section}.{name}"): (value, variable(key) + where)
        for section, values in source().items()
        for name, value in values.items()
    }


def _file(named: str | None) -> Given:
    """The TOML file; only a file that was not asked for may be missing."""
    path = Path(named) if named else DEFAULT_FILE
    if not path.is_file():
        if named:
            raise ConfigError(f"no such configuration file: {path}")
        return {}
    try:
        document = TomlConfigSettingsSource(_Shape, path).toml_data
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    for name, section in document.items():
        if not isinstance(section, dict):
            raise ConfigError(f"{path}: {name} must stand below a [section]")
    return {
        f"{name}.{key}": (value, str(path))
        for name, section in document.items()
        for key, value in section.items()
    }


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ "; did you mean turn.threshold?" if one of `known` is near, else nothing."""
    by_name = {_bare(candidate): candidate for candidate in known}
    by_tail = {name.rpartition(".")[2]: candidate for name, candidate in by_name.items()}
    for spelling, candidates in ((_bare(name), by_name), (_bare(name).split(".")[-1], by_tail)):
        if close := get_close_matches(spelling, candidates, n=1, cutoff=0.7):
            return f"; did you mean {candidates[close[0]]}?"
    return ""


def _bare(name: str) -> str:
    return name.removeprefix(PREFIX).replace(DELIMITER, ".").lower()


def _refuse_unknown(given: Mapping[str, str], known: list[str], kind: str) -> None:
    lines = []
    for name in (name for name in given if name not in known):
        where = f" (from {given[name]})" if given[name] else ""
        lines.append(f"unknown {kind} {name}{where}{did_you_mean(name, known)}")
    if lines:
        raise ConfigError("\n".join(lines))


_SIGNS = {
    "less than or equal to": "<=",
    "greater than or equal to": ">=",
    "less than": "<",
    "greater than": ">",
}


def _complaint(error: ErrorDetails, given: Mapping[str, tuple[Any, str]]) -> str:
    """`turn.threshold = 7 (from RTCSERVER_TURN__THRESHOLD): must be <= 1`, on one line."""
    key = ".".join(str(part) for part in error["loc"][:2])
    value, source = given[key]
    wish = error["msg"].removeprefix("Input should be ").partition(", unable")[0]
    for words, sign in _SIGNS.items():
        wish = wish.replace(words, sign)
    shown = "****" if is_secret(key) else " ".join(str(value).split())[:80]
    return f"{key} = {shown} (from {source}): must be {wish}"


def is_secret(key: str) -> bool:
    """Whether the value of "section.key" must never be shown."""
    section, _, name = key.partition(".")
    field = type(Settings.model_fields[section].default).model_fields[name]
    return SecretStr.__name__ in repr(field.annotation)
