"""One real server for all conversations."""

from collections.abc import Iterator
from ctypes.util import find_library

import pytest

from tests.conversation.real_server import RealServer, real_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    if find_library("flite") is None:
        pytest.skip("nothing to speak with: install libflite1")
    with real_server(tmp_path_factory.mktemp("server")) as server:
        yield server
