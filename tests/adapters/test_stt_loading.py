"""The recogniser's door stays shut until its model is there, or never will be."""

import asyncio

import pytest

from rtcserver.errors import ConfigError, ServiceUnavailable
from rtcserver.local.stt_server import loaded
from rtcserver.timer import now
from tests.virtual_time import run


async def nobody() -> None:
    """As a decoder that is still being started."""
    await asyncio.sleep(10)
    raise ServiceUnavailable("stt", "no decoder")


def test_a_model_that_is_refused_after_a_long_trial_ends_the_service() -> None:
    async def wait_for_it() -> None:
        with pytest.raises(ConfigError, match="too slow"):
            await loaded(nobody, lambda: "too slow" if now() > 35 else "")

    run(wait_for_it())


def test_the_door_opens_after_a_minute_all_the_same() -> None:
    async def wait_for_it() -> float:
        await loaded(nobody, lambda: "")
        return now()

    assert run(wait_for_it()) == 60.0
