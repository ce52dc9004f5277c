"""How much the built-in recogniser understands of callers whom it has never heard before."""

from collections.abc import Iterator
from statistics import fmean

import pytest

from tests.adapters.local_service import Service, running
from tests.adapters.word_errors import MOST_ERRORS, VOICES, heard, word_error_rate


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("rtcserver.local.stt_server") as service:
        yield service


async def test_nine_words_of_ten_are_right(service: Service) -> None:
    rates = {voice: await word_error_rate(service, voice) for voice in VOICES}
    assert fmean(rates.values()) <= MOST_ERRORS, rates


async def test_what_is_asked_of_the_demo_is_heard_by_every_new_caller(service: Service) -> None:
    for _ in range(8):
        question = "what is two plus three"
        assert await heard(service, question, "rms") == question
