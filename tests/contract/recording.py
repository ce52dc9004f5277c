"""Every event that is sent in this run of the tests, by whatever process, kept in a folder."""

import json
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from tests.source import REPOSITORY

FOLDER = REPOSITORY / "build" / "events" / str(os.getpid())

Event = dict[str, Any]

_numbers = count()
# Of fields with these names it matters what they say, of others only what they are.
_TELLING = {"type", "object", "role", "status", "reason", "rate"}


def new_file() -> Path:
    """For one process to record into."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"{next(_numbers)}.jsonl"


def recorded() -> list[Event]:
    """One event of each shape that a client was told, but for those that are our own."""
    events: dict[str, Event] = {}
    for event in _told():
        if not str(event["type"]).startswith("rtc."):
            events.setdefault(str(_shape(event)), event)
    return list(events.values())


def _told() -> Iterator[Event]:
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n") and (entry := json.loads(line))["to"] == "client":
                yield entry["event"]


def _shape(value: Any, name: str = "") -> Any:
    match value:
        case dict():
            return {key: _shape(value[key], key) for key in sorted(value)}
        case list():
            return sorted({str(_shape(item)) for item in value})
        case str() if name in _TELLING:
            return value
        case int() if name in _TELLING:
            return value
        case _:
            return type(value).__name__
