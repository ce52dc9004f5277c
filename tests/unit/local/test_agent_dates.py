"""The demo agent's clock, in words."""

from datetime import datetime

import pytest

from rtcserver.local.agent.dates import date, time_of_day


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (0, 0, "midnight"),
        (0, 5, "twelve oh five in the morning"),
        (9, 0, "nine o'clock in the morning"),
        (12, 0, "noon"),
        (12, 30, "twelve thirty in the afternoon"),
        (15, 45, "three forty-five in the afternoon"),
        (23, 59, "eleven fifty-nine in the evening"),
    ],
)
def test_the_time_is_said_in_words(hour: int, minute: int, said: str) -> None:
    assert time_of_day(datetime(2026, 3, 3, hour, minute)) == said


def test_the_date_is_said_in_words() -> None:
    assert date(datetime(2026, 3, 3)) == "Tuesday, the third of March, twenty twenty-six"
