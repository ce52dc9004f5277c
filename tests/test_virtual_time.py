"""The virtual clock the session tests run on keeps asyncio's promises."""

import asyncio
import time

import pytest

from rtcserver import timer
from tests import virtual_time


def test_an_hour_of_sleep_takes_no_time() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return timer.now()

    began = time.perf_counter()
    assert virtual_time.run(main()) == pytest.approx(3600)
    assert time.perf_counter() - began < 1


def test_now_is_the_clock_of_the_loop_and_starts_at_zero() -> None:
    async def main() -> tuple[float, float]:
        return timer.now(), asyncio.get_running_loop().time()

    assert virtual_time.run(main()) == (0.0, 0.0)


def test_the_real_clock_is_back_afterwards() -> None:
    async def main() -> None:
        await asyncio.sleep(1)

    virtual_time.run(main())
    assert timer.now() == pytest.approx(time.monotonic(), abs=1)


def test_timers_fire_in_order_of_their_time() -> None:
    heard: list[tuple[str, float]] = []

    async def speak(word: str, at: float) -> None:
        await asyncio.sleep(at)
        heard.append((word, round(timer.now(), 6)))

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for word, at in (("c", 0.3), ("a", 0.1), ("b", 0.2)):
                group.create_task(speak(word, at), name=word)

    virtual_time.run(main())
    assert heard == [("a", 0.1), ("b", 0.2), ("c", 0.3)]


def test_a_time_limit_strikes_on_the_virtual_clock() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.sleep(31)
        return timer.now()

    assert virtual_time.run(main()) == pytest.approx(30)


def test_ten_minutes_of_20_ms_beats_do_not_drift() -> None:
    async def main() -> float:
        for beat in range(30_000):
            await asyncio.sleep(beat * 0.02 - timer.now())
        return timer.now()

    assert virtual_time.run(main()) == pytest.approx(29_999 * 0.02)


def test_a_thread_may_still_answer() -> None:
    async def main() -> int:
        return await asyncio.to_thread(sum, (1, 2))

    assert virtual_time.run(main()) == 3


def test_a_task_nobody_will_wake_is_an_error_not_a_hang() -> None:
    cleaned: list[str] = []

    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("yes")

    with pytest.raises(virtual_time.StuckError, match="no timer is left"):
        virtual_time.run(main())
    assert cleaned == ["yes"]


def test_a_heartbeat_around_a_lost_call_ends_at_the_limit() -> None:
    cleaned_at: list[float] = []

    async def main() -> None:
        try:
            for _ in range(1_000):
                await asyncio.sleep(1)
        finally:
            await asyncio.sleep(2)
            cleaned_at.append(timer.now())

    with pytest.raises(virtual_time.StuckError, match="60.000 virtual seconds"):
        virtual_time.run(main(), limit_s=60)
    assert cleaned_at == [62.0]
