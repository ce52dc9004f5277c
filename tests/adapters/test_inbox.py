import asyncio

import numpy as np
import pytest

from rtcserver.audio.format import Samples
from rtcserver.errors import TransportClosed
from rtcserver.transports.base import AudioReceived, EventReceived, PlaybackStarted
from rtcserver.transports.inbox import Inbox


def audio(n: int) -> Samples:
    return np.full(1, n, dtype=np.int16)


async def values(inbox: Inbox, count: int) -> list[object]:
    entries = [await inbox.get() for _ in range(count)]
    return [int(e.samples[0]) if isinstance(e, AudioReceived) else e for e in entries]


async def test_everything_comes_out_in_order() -> None:
    inbox = Inbox()
    inbox.put(AudioReceived(audio(1)))
    inbox.put(EventReceived("commit"))
    inbox.put(AudioReceived(audio(2)))
    assert await values(inbox, 3) == [1, EventReceived("commit"), 2]


async def test_too_much_audio_drops_the_oldest_but_never_an_event() -> None:
    inbox = Inbox(max_audio=2)
    inbox.put(EventReceived("first"))
    inbox.put(PlaybackStarted("r1"))
    for n in range(5):
        inbox.put(AudioReceived(audio(n)))
    assert await values(inbox, 4) == [EventReceived("first"), PlaybackStarted("r1"), 3, 4]


async def test_too_many_events_close_it_after_those_that_fit() -> None:
    inbox = Inbox(max_events=2)
    for n in range(3):
        inbox.put(EventReceived(str(n)))
    assert await values(inbox, 2) == [EventReceived("0"), EventReceived("1")]
    with pytest.raises(TransportClosed, match="too many events"):
        await inbox.get()


async def test_a_writer_that_can_wait_waits_for_room() -> None:
    inbox = Inbox(max_events=1)
    inbox.put(EventReceived("0"))
    waiting = asyncio.create_task(inbox.room())
    await asyncio.wait({waiting}, timeout=0.001)
    assert not waiting.done()
    await inbox.get()
    await asyncio.wait_for(waiting, 1)


async def test_close_wakes_the_reader_and_the_first_reason_counts() -> None:
    inbox = Inbox()
    reading = asyncio.create_task(inbox.get())
    await asyncio.wait({reading}, timeout=0.001)
    inbox.close("gone")
    inbox.close("closed")
    inbox.put(EventReceived("late"))
    with pytest.raises(TransportClosed, match="gone"):
        await asyncio.wait_for(reading, 1)


async def test_large_events_leave_no_room_before_many_do() -> None:
    inbox = Inbox(max_bytes=10)
    inbox.put(EventReceived("x" * 6))
    inbox.put(EventReceived("x" * 6))
    waiting = asyncio.create_task(inbox.room())
    await asyncio.wait({waiting}, timeout=0.001)
    assert not waiting.done()
    await inbox.get()
    await asyncio.wait_for(waiting, 1)


async def test_more_than_the_bytes_of_two_limits_close_it() -> None:
    """One event may go over the limit; the wire that puts another one then cannot wait."""
    inbox = Inbox(max_bytes=10)
    for size in (6, 6, 1):
        inbox.put(EventReceived("x" * size))
    assert await values(inbox, 2) == [EventReceived("x" * 6)] * 2
    with pytest.raises(TransportClosed, match="too many events"):
        await inbox.get()
