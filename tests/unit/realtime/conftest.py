import pytest

from rtcserver.realtime.rtvi.dialect import RtviDialect


@pytest.fixture
def dialect() -> RtviDialect:
    return RtviDialect("0.1.0")
