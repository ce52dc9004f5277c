"""The order of the whole suite, pure tests first and real browsers last; and one real server."""

import shutil
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

import pytest

from rtcserver import trace
from tests.contract.recording import FOLDER, new_file
from tests.conversation.real_server import RealServer, real_server
from tests.needed import missing

_ROOMS = (
    "unit",
    "",
    "properties",
    "session",
    "adapters",
    "faults",
    "loopback",
    "clients",
    "conversation",
    "browser",
    "contract",
)
_TESTS = Path(__file__).parent


def _room(item: pytest.Item) -> float:
    """Files right in tests/ are the room ""; a room not listed comes just before "browser"."""
    parts = item.path.relative_to(_TESTS).parts
    room = parts[0] if len(parts) > 1 else ""
    return _ROOMS.index(room) if room in _ROOMS else _ROOMS.index("browser") - 0.5


@pytest.fixture(scope="session", autouse=True)
def _recording() -> Iterator[None]:
    """What tests/contract/ judges at the end."""
    with trace.into(new_file()):
        yield
    shutil.rmtree(FOLDER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_room)  # stable: within a room the order stays


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """For all who speak with a real one."""
    if find_library("flite") is None:
        missing("nothing to speak with: install libflite1")
    with real_server(tmp_path_factory.mktemp("server")) as server:
        yield server
