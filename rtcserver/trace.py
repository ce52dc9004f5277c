"""Write every event of every call into one file, for whoever has to find out what a call did.

What people said is in these events, their sound too, and the keys that a client gives for its MCP
servers. So nothing is written unless a file is named (`log.events_file`), and a new one is for its
owner alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
import structlog

from rtcserver.errors import ConfigError
from rtcserver.timer import epoch_now

_file: BinaryIO | None = None


@contextmanager
def into(path: Path) -> Iterator[None]:
    """Append to this file: {at, call_id, to, event} on a line for each. Raises ConfigError."""
    global _file
    before = _file
    try:
        # Unbuffered: the last line before a crash is the one that is looked for.
        file = open(path, "ab", buffering=0, opener=_for_the_owner)  # noqa: SIM115
    except OSError as exc:
        raise ConfigError(f"log.events_file = {path}: {exc.strerror}") from exc
    with file:
        _file = file
        try:
            yield
        finally:
            _file = before


def sent(event: object) -> None:
    """An event goes to a client."""
    _write("client", event)


def received(event: object) -> None:
    """An event of a client has been understood."""
    _write("server", event)


def _write(to: Literal["client", "server"], event: object) -> None:
    if _file is None:
        return
    call_id = structlog.contextvars.get_contextvars().get("call_id")
    line = {"at": round(epoch_now(), 3), "call_id": call_id, "to": to, "event": event}
    _file.write(msgspec.json.encode(line) + b"\n")


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
