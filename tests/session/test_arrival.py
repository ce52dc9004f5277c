"""Services that come up late, or not at all."""

import pytest
from structlog.testing import capture_logs

from rtcserver import timer
from rtcserver.errors import ServiceBroken, ServiceBusy, ServiceUnavailable
from rtcserver.server.arrival import announce, arrival
from rtcserver.services.probing import Vitals
from rtcserver.services.standing import Load
from tests import virtual_time

UP = Vitals(0.004, "auto:", Load(0, 32, engine="flite"))


async def never() -> Vitals:
    raise ServiceBusy("stt", "no free channels")


async def after_three_seconds() -> Vitals:
    if timer.now() < 3.0:
        raise ServiceUnavailable("tts", "cannot connect")
    return UP


def test_a_service_that_comes_up_late_is_waited_for() -> None:
    async def main() -> tuple[Vitals, float]:
        return await arrival("tts", after_three_seconds, 10.0), timer.now()

    assert virtual_time.run(main()) == (UP, 3.0)


def test_one_that_does_not_is_told_with_its_last_words() -> None:
    with pytest.raises(ServiceBusy, match="no free channels"):
        virtual_time.run(arrival("stt", never, 10.0))


def test_the_log_tells_what_has_come_up_and_what_has_not() -> None:
    with capture_logs() as lines:
        virtual_time.run(announce({"stt": never, "tts": after_three_seconds}))
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("service does not answer yet", "warning"),
        ("service does not answer yet", "warning"),
        ("service answers", "info"),
        ("service does not answer", "error"),
    ]
    assert (lines[2]["service"], lines[2]["backend"], lines[2]["ms"]) == ("tts", "flite", 4)
    assert (lines[3]["setting"], lines[3]["reason"]) == ("stt.url", "stt: no free channels")


def test_one_that_never_will_be_there_is_not_waited_for() -> None:
    async def broken() -> Vitals:
        raise ServiceBroken("tts", "tts.url = flite:nosuch: flite has no voice nosuch")

    async def main() -> float:
        with pytest.raises(ServiceBroken, match="no voice nosuch"):
            await arrival("tts", broken, 10.0)
        return timer.now()

    assert virtual_time.run(main()) == 0.0
