"""The voice a caller hears: one Opus packet every 20 ms, speech or silence."""

import asyncio
from contextlib import suppress
from fractions import Fraction

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.packet import Packet
from av.stream import Stream

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.opus import (
    OPUS_CLOCK_HZ,
    PACKET_SEC,
    SAMPLES_PER_PACKET,
    SILENCE_PACKET,
    OpusEncoder,
)
from rtcserver.audio.pacing import Playout, Started
from rtcserver.timer import now
from rtcserver.transports.base import PlaybackStarted, PlaybackStopped
from rtcserver.transports.inbox import Inbox

MAX_LEAD = 30 * SAMPLE_RATE  # samples
_MAX_LATE_S = 0.2
_LONGEST_WAIT_S = 1.0
_TIME_BASE = Fraction(1, OPUS_CLOCK_HZ)
_TICKS = round(PACKET_SEC * OPUS_CLOCK_HZ)


class VoiceTrack(MediaStreamTrack):
    """Handing aiortc encoded packets spares its executor, resampler and level meter."""

    kind = "audio"

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self.playout = Playout()
        self._inbox = inbox
        self._encoder = OpusEncoder()
        self._start: float | None = None
        self._beat = 0
        self._room = asyncio.Event()

    async def recv(self) -> "Packet[Stream]":
        """The packet of the next beat, when it is due. aiortc calls this once connected."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._wait_for_beat()
        packet = Packet(self._payload())
        packet.pts = self._beat * _TICKS
        packet.time_base = _TIME_BASE
        self._beat += 1
        return packet

    async def write(self, response_id: str, samples: Samples) -> None:
        """Queue samples; waits while more than MAX_LEAD are queued."""
        if self.readyState != "live":
            return
        self.playout.push(response_id, samples)
        while self.playout.queued > MAX_LEAD and self.readyState == "live":
            self._room.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_WAIT_S):
                    await self._room.wait()

    def clear(self) -> None:
        self.playout.clear()
        self._room.set()

    def stop(self) -> None:
        """Wakes whoever waits in write(). The track says no more."""
        super().stop()
        self.clear()
        # FFmpeg's threads go with an encoder that was used; aiortc's cycles would keep it.
        self._encoder = OpusEncoder()

    async def _wait_for_beat(self) -> None:
        """Deadlines count from the first beat, so a late wake-up does not delay the next one.
        After a stall, beats are left out instead of being sent in a burst: the listener hears
        a pause, and speech goes on at its next sample."""
        if self._start is None:
            self._start = now()
        late = now() - (self._start + self._beat * PACKET_SEC)
        if late > _MAX_LATE_S:
            self._beat += int(late / PACKET_SEC)
        elif late < 0:
            await asyncio.sleep(-late)

    def _payload(self) -> bytes:
        due = self.playout.pull(SAMPLES_PER_PACKET)
        for mark in due.marks:
            started = isinstance(mark, Started)
            kind = PlaybackStarted if started else PlaybackStopped
            self._inbox.put(kind(mark.response_id))
        if due.samples is None:
            return SILENCE_PACKET
        self._room.set()
        return self._encoder.encode(due.samples)
