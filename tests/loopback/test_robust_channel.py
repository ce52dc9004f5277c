"""More on a data channel than an honest client says at once, unless its network held it up."""

import asyncio

from rtcserver.transports.base import EventReceived
from tests.loopback.caller import LIMIT_S, Caller
from tests.loopback.test_webrtc_transport import call, next_of


async def test_events_that_come_all_at_once_all_wait_to_be_read() -> None:
    caller = Caller()
    async with call(caller) as transport:
        for number in range(1_000):
            caller.say({"number": number})
        assert caller.channel
        async with asyncio.timeout(LIMIT_S):
            for _ in iter(lambda: caller.channel and caller.channel.bufferedAmount, 0):
                await asyncio.sleep(0.01)  # nothing is read meanwhile
        read = [await next_of(transport, EventReceived) for _ in range(1_000)]
        assert read[-1] == EventReceived('{"number": 999}')
