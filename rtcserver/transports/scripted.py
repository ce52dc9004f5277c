"""A caller who is nothing but a beat: a hum in, audio out, and a record of all it was told."""

import asyncio
from collections.abc import Sequence

import numpy as np

from rtcserver import trace
from rtcserver.audio.format import SAMPLE_RATE, Samples, silence
from rtcserver.audio.pacing import Playout, Started
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.timer import now
from rtcserver.transports.base import (
    AudioPart,
    AudioReceived,
    EventReceived,
    Inbound,
    PlaybackStarted,
    PlaybackStopped,
)
from rtcserver.transports.inbox import Inbox

_LOUDNESS = 8_000


class ScriptedTransport:
    """Plays like a paced wire. What the caller says is up to a scripted VAD and transcriber.

    `said` has every event with the second it was sent at, `heard` the samples that left in each
    beat, `formats` those it was set to, `closed` how the server ended the call.
    """

    owns_playback = True

    def __init__(
        self,
        seconds: float,
        events: Sequence[tuple[float, str]] = (),
        *,
        beat_s: float = 0.02,
        sounds: Sequence[tuple[float, float]] = (),
    ) -> None:
        """The caller leaves after `seconds`; `events` are (second, JSON) in order of time; all it
        says is silence but for `sounds`, (start, stop) in seconds."""
        self.said: list[tuple[float, ServerEvent]] = []
        self.heard: list[tuple[float, Samples]] = []
        self.formats: list[AudioFormatName] = []
        self.closed: tuple[int, str] | None = None
        self._seconds, self._events, self._beat_s = seconds, list(events), beat_s
        self._sounds = sounds
        self._inbox, self._playout = Inbox(), Playout()

    async def run(self) -> None:
        """The caller's side of the call."""
        start, beats = now(), 0
        n = round(self._beat_s * SAMPLE_RATE)
        while now() - start < self._seconds and self.closed is None:
            while self._events and self._events[0][0] <= now() - start:
                self._inbox.put(EventReceived(self._events.pop(0)[1]))
            self._inbox.put(AudioReceived(_beat(self._sounds, beats * self._beat_s, n)))
            self._play(n)
            beats += 1
            await asyncio.sleep(start + beats * self._beat_s - now())
        self._inbox.close("the caller has left")

    async def recv(self) -> Inbound:
        return await self._inbox.get()

    def set_output_format(self, name: AudioFormatName) -> None:
        self.formats.append(name)

    def send(self, event: ServerEvent) -> None:
        trace.sent(event)
        self.said.append((now(), event))

    async def write(self, frame: Samples, part: AudioPart) -> None:
        self._playout.push(part.response_id, frame)

    def finish(self) -> None:
        self._playout.finish()

    def pause(self) -> None:
        self._playout.pause()

    def resume(self) -> None:
        self._playout.resume()

    def clear(self) -> None:
        self._playout.clear()

    def played(self) -> int:
        return self._playout.played

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.closed is None:
            self.closed = code, reason
            self._inbox.close(reason)

    def _play(self, n: int) -> None:
        due = self._playout.pull(n)
        if due.samples is not None:
            self.heard.append((now(), due.samples))
        for mark in due.marks:
            kind = PlaybackStarted if isinstance(mark, Started) else PlaybackStopped
            self._inbox.put(kind(mark.response_id))


def _beat(sounds: Sequence[tuple[float, float]], at_s: float, n: int) -> Samples:
    sounding = any(start <= at_s < stop for start, stop in sounds)
    return np.full(n, _LOUDNESS, dtype=np.int16) if sounding else silence(n)
