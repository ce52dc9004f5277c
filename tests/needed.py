"""What a test needs of the machine: where it is missing the test is skipped, but never in CI."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """`what` says how to get it. CI proves everything, so there it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
