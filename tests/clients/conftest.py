"""The packages of npm, installed once for all tests."""

from pathlib import Path

import pytest

from tests.clients import node


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder node_modules."""
    return node.install()
