"""The speech servers let go of a client that is gone, on the virtual clock."""

import asyncio

from rtcserver.local.heartbeat import Heartbeat
from rtcserver.timer import now
from tests import virtual_time


def lost_at(*, answers: bool = True, talks: bool = True, stalls: bool = False) -> float:
    """Seconds until a peer of such a kind is given up; 500 if it is not by then."""

    async def main() -> float:
        heartbeat = Heartbeat(pong_limit_s=20, data_limit_s=120)

        async def ping() -> None:
            if stalls:
                await asyncio.Event().wait()
            if answers:
                heartbeat.saw_pong()
            if talks:
                heartbeat.saw_data()

        try:
            async with asyncio.timeout(500):
                await heartbeat.until_lost(ping)
        except TimeoutError:
            pass
        return now()

    return virtual_time.run(main())


def test_who_answers_and_talks_is_kept() -> None:
    assert lost_at() == 500


def test_who_does_not_answer_pings_is_given_up_after_20_s() -> None:
    assert 20 <= lost_at(answers=False) <= 30


def test_who_answers_but_sends_nothing_is_given_up_after_120_s() -> None:
    assert 120 <= lost_at(talks=False) <= 130


def test_a_ping_that_cannot_leave_is_given_up_after_20_s() -> None:
    assert 20 <= lost_at(stalls=True) <= 30
