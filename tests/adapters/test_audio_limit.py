"""When a voice that has all its text is given up."""

import asyncio

import pytest

from rtcserver.errors import ServiceFailed
from rtcserver.services.tts.audio_limit import AudioLimit
from rtcserver.timer import now
from tests import virtual_time


async def chatter() -> None:
    await asyncio.sleep(0.19)


def test_chatter_that_is_no_audio_does_not_keep_it() -> None:
    async def main() -> float:
        limit = AudioLimit(1.0)
        limit.text_ended()
        for _ in range(5):
            await limit.wait(chatter())
        with pytest.raises(ServiceFailed, match="no audio for 1 s"):
            await limit.wait(chatter())
        return now()

    assert virtual_time.run(main()) == 1.0


def test_audio_does() -> None:
    async def main() -> None:
        limit = AudioLimit(1.0)
        limit.text_ended()
        for _ in range(100):
            await limit.wait(chatter())
            limit.audio_came()

    virtual_time.run(main())


def test_as_long_as_there_may_be_more_text_nothing_has_to_come() -> None:
    async def main() -> None:
        await AudioLimit(1.0).wait(asyncio.sleep(60))

    virtual_time.run(main())


def test_the_end_of_the_text_counts_for_who_waits_already() -> None:
    async def main() -> float:
        limit = AudioLimit(1.0)
        waiting = asyncio.ensure_future(limit.wait(asyncio.sleep(60)))
        await asyncio.sleep(5)
        limit.text_ended()
        with pytest.raises(ServiceFailed):
            await waiting
        return now()

    assert virtual_time.run(main()) == 6.0
