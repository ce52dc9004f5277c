"""Order of the whole suite: what is fast and pure first, real browsers last."""

from pathlib import Path

import pytest

_ROOMS = (
    "unit",
    "",
    "properties",
    "session",
    "adapters",
    "loopback",
    "clients",
    "conversation",
    "browser",
)
_TESTS = Path(__file__).parent


def _room(item: pytest.Item) -> float:
    """Files right in tests/ are the room ""; a room not listed comes just before "browser"."""
    parts = item.path.relative_to(_TESTS).parts
    room = parts[0] if len(parts) > 1 else ""
    return _ROOMS.index(room) if room in _ROOMS else _ROOMS.index("browser") - 0.5


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_room)  # stable: within a room the order stays
