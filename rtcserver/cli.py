"""The command line: `rtcserver serve | doctor | config | version`."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

import rtcserver
from rtcserver.errors import ConfigError

if TYPE_CHECKING:
    from rtcserver.settings import Loaded

# pydantic, aiohttp and aiortc take a second to import: only the command that needs them does.

COMMANDS = {
    "serve": "run the server",
    "doctor": "check that this machine can run it, and tell what is missing",
    "config": "print every setting, its value and where it comes from",
    "version": "print the version",
}
EXIT_CONFIG = 2  # also argparse's own
_SHORT = {"server.host": "--host", "server.port": "--port"}
_TLS = "--tls"
_USAGE = (
    " [--config FILE] [--host HOST] [--port PORT] [--tls auto | --tls CERT KEY]"
    " [--SECTION.KEY VALUE ...]"
)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 the doctor found a fault, 2 a setting is wrong."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        sys.exit(_run(words))
    except ConfigError as exc:
        sys.stderr.writelines(f"rtcserver: {line}\n" for line in str(exc).splitlines())
        sys.exit(EXIT_CONFIG)
    except KeyboardInterrupt:  # before serve() took the signal over
        sys.exit(130)


def _run(words: list[str]) -> int:
    parser = _parser(words[0] if words else "")
    chosen, unknown = parser.parse_known_args(words)
    if unknown:
        raise ConfigError(_unknown(unknown[0]))
    if chosen.command == "version":
        sys.stdout.write(f"rtcserver {rtcserver.__version__}\n")
        return 0
    from rtcserver import settings

    flags = {key: value for key, value in vars(chosen).items() if "." in key and value is not None}
    loaded = settings.load(flags | _tls(chosen.tls), chosen.config)
    if chosen.command == "config":
        sys.stdout.writelines(f"{line}\n" for line in show(loaded))
        return 0
    return _with_log(chosen.command, loaded)


def _with_log(command: str, loaded: "Loaded") -> int:
    from rtcserver import log

    settings = loaded.settings
    if command == "doctor":
        from rtcserver.server import doctor

        log.setup(settings.log.model_copy(update={"level": "warning"}))  # its findings are enough
        return asyncio.run(doctor.examine(settings))
    from rtcserver.server import run

    log.setup(settings.log)
    asyncio.run(run.serve(settings))
    return 0


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rtcserver",
        description=rtcserver.__doc__,
        epilog="rtcserver COMMAND --help lists every setting",
        allow_abbrev=False,
    )
    version = f"%(prog)s {rtcserver.__version__}"
    parser.add_argument("--version", action="version", version=version, help=COMMANDS["version"])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, meaning in COMMANDS.items():
        usage = "%(prog)s" + _USAGE * (name != "version")
        below = commands.add_parser(
            name, help=meaning, description=meaning, usage=usage, allow_abbrev=False
        )
        if name == command != "version":
            _add_settings(below)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    from rtcserver.config import Settings

    parser.add_argument("--config", metavar="FILE", help="TOML file with settings")
    parser.add_argument(
        _TLS, nargs="+", metavar="…", help="auto, or the files of a certificate and its key"
    )
    for section, tree in Settings():
        group = parser.add_argument_group(section, type(tree).__doc__)
        for key, field in type(tree).model_fields.items():
            name, default = f"{section}.{key}", getattr(tree, key)
            flags = [flag for flag in (_SHORT.get(name), f"--{name}") if flag]
            meaning = f"{field.description}" + f" (default: {default})" * bool(default)
            group.add_argument(*flags, dest=name, metavar="…", help=meaning.replace("%", "%%"))


def _tls(words: list[str] | None) -> dict[str, str]:
    """`--tls auto` and `--tls CERT KEY` as the settings they stand for."""
    match words:
        case None:
            return {}
        case ["auto" | "off" as wish]:
            return {"server.tls": wish}
        case [cert, key]:
            return {"server.tls_cert": cert, "server.tls_key": key}
        case _:
            raise ConfigError(f"{_TLS} {' '.join(words)}: must be auto, or the files CERT KEY")


def _unknown(word: str) -> str:
    from rtcserver import settings

    known = [*_SHORT.values(), _TLS, *(f"--{key}" for key in settings.all_keys())]
    return f"unknown option {word}" + settings.did_you_mean(word.partition("=")[0], known)


def show(loaded: "Loaded") -> Iterator[str]:
    """The settings as a TOML file, each line with its source; secrets masked and out of action."""
    from rtcserver.settings import is_secret

    for section, tree in loaded.settings:
        yield f"[{section}]"
        for key, value in tree.model_dump(mode="json").items():
            name = f"{section}.{key}"
            passive = "# " * (value is None or is_secret(name))
            line = f"{passive}{key} = {_toml(value)}"
            yield f"{line:<50} # {loaded.sources.get(name, 'default')}"
        yield ""


def _toml(value: object) -> str:
    """JSON of the types that settings have is TOML too."""
    import json

    return json.dumps(value, ensure_ascii=False)
