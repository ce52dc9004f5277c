"""Know what a listener has heard: by pulling samples out, or by reckoning from what was sent."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, Samples, silence


@dataclass(frozen=True, slots=True)
class Started:
    """The first samples of a response are among those just pulled."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The last sample of a finished response was pulled."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """What one beat takes: exactly the samples asked for, or None; and what that marks."""

    samples: Samples | None
    marks: tuple[Started | Ended, ...] = ()


NOTHING_DUE = Due(None)


@dataclass(slots=True)
class _Stream:
    """Audio of one response, with a playhead."""

    response_id: str
    chunks: deque[Samples] = field(default_factory=deque)
    queued: int = 0
    played: int = 0
    finished: bool = False

    def take(self, n: int) -> list[Samples]:
        """Up to n samples off the front, moving the playhead."""
        taken: list[Samples] = []
        while n and self.chunks:
            chunk = self.chunks.popleft()
            if len(chunk) > n:
                self.chunks.appendleft(chunk[n:])
                chunk = chunk[:n]
            taken.append(chunk)
            n -= len(chunk)
            self.queued -= len(chunk)
            self.played += len(chunk)
        return taken


class Playout:
    """Samples waiting for a wire that is fed by a beat. It knows no clock: each pull is one
    beat, so a late beat delays speech but never loses or repeats a sample."""

    def __init__(self) -> None:
        self._streams: deque[_Stream] = deque()
        self._last: _Stream | None = None
        self._paused = False

    @property
    def queued(self) -> int:
        """Samples waiting, of all responses."""
        return sum(stream.queued for stream in self._streams)

    @property
    def played(self) -> int:
        """Samples pulled of the response pushed last."""
        return self._last.played if self._last else 0

    def push(self, response_id: str, samples: Samples) -> None:
        last = self._last
        if last is None or last.response_id != response_id or last not in self._streams:
            self.finish()  # a response that follows another ends it
            last = self._last = _Stream(response_id)
            self._streams.append(last)
        last.chunks.append(samples)
        last.queued += len(samples)

    def finish(self) -> None:
        """The response pushed last is complete."""
        if self._last:
            self._last.finished = True

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def clear(self) -> int:
        """Forget what was not pulled yet; return how many samples that were. Ends a pause."""
        dropped = self.queued
        self._streams.clear()
        self._paused = False
        return dropped

    def pull(self, n: int) -> Due:
        """The next n samples, of one response; its last ones are filled up with silence. None
        while paused, or while a response that goes on has fewer than n ready."""
        if self._paused or not self._streams:
            return NOTHING_DUE
        stream = self._streams[0]
        if stream.queued < n and not stream.finished:
            return NOTHING_DUE
        marks: list[Started | Ended] = []
        if stream.queued and not stream.played:
            marks.append(Started(stream.response_id))
        taken = stream.take(n)
        if stream.finished and not stream.queued:
            self._streams.popleft()
            if stream.played:
                marks.append(Ended(stream.response_id))
        return Due(_filled(taken, n) if taken else None, tuple(marks))


def _filled(chunks: list[Samples], n: int) -> Samples:
    rest = n - sum(map(len, chunks))
    if rest:
        chunks.append(silence(rest))
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


class Ear:
    """Reckons how much a listener with a player of its own has heard of what was sent to it.

    It plays without a gap from the first sample it gets, and stops where its samples run out.
    Time is counted from the start of each unbroken stretch, so no rounding adds up.
    """

    def __init__(self) -> None:
        self._response_id: str | None = None
        self._sent = 0
        self._heard_before = 0  # samples heard when this stretch began
        self._since: float | None = None  # when it began; None while silent

    def push(self, response_id: str, samples: int, now: float) -> None:
        """So many samples of this response were sent. A new response queues behind the old."""
        if response_id != self._response_id:
            # Negative: these are samples of the response before, still to be heard first.
            self._heard_before = -round(self.lead(now) * SAMPLE_RATE)
            self._response_id, self._sent, self._since = response_id, 0, now
        elif self._since is None or self._position(now) >= self._sent:
            self._heard_before, self._since = self._position(now), now
        self._sent += samples

    def played(self, now: float) -> int:
        """Samples of the response pushed last that were heard by now."""
        return max(0, self._position(now))

    def lead(self, now: float) -> float:
        """Seconds of sound the listener still has in store."""
        return (self._sent - self._position(now)) / SAMPLE_RATE

    def clear(self, now: float) -> None:
        """The listener throws away what it has not played; played() stays where it is."""
        self._heard_before = self._sent = self.played(now)
        self._since = None

    def _position(self, now: float) -> int:
        if self._since is None:
            return self._heard_before
        elapsed = round((now - self._since) * SAMPLE_RATE)
        return min(self._sent, self._heard_before + elapsed)
