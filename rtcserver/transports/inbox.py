"""Everything one wire has to say, in order and bounded."""

import asyncio
from collections import deque

from rtcserver.errors import TransportClosed
from rtcserver.metrics import AUDIO_DROPPED
from rtcserver.transports.base import AudioReceived, EventReceived, Inbound


class Inbox:
    """A queue for one reader. Too much audio: the oldest is dropped and counted. Too many
    events: the wire is closed, since an event that is lost would break the conversation."""

    def __init__(
        self, max_audio: int = 250, max_events: int = 1_000, max_bytes: int = 32 * 2**20
    ) -> None:
        """250 packets of 20 ms are 5 s. `max_bytes` of events may be exceeded by the last one."""
        self._entries: deque[Inbound] = deque()
        self._max_audio, self._max_events, self._max_bytes = max_audio, max_events, max_bytes
        self._audio = self._events = self._bytes = 0
        self._closed: str | None = None
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def closed(self) -> bool:
        return self._closed is not None

    def put(self, entry: Inbound) -> None:
        """After close() it is ignored."""
        if self.closed:
            return
        match entry:
            case AudioReceived():
                self._audio += 1
                if self._audio > self._max_audio:
                    self._drop_oldest_audio()
            case EventReceived() if not self._room.is_set():
                self.close("too many events were waiting to be read")
                return
            case EventReceived(text=text):
                self._count_event(1, len(text))
            case _:
                pass  # marks of playback: no more than there are responses
        self._entries.append(entry)
        self._changed.set()

    async def room(self) -> None:
        """Wait until one more event fits, for a wire that can be made to wait."""
        await self._room.wait()

    async def get(self) -> Inbound:
        """The oldest entry. Raises TransportClosed once all are read and the wire is closed."""
        while not self._entries:
            if self._closed is not None:
                raise TransportClosed(self._closed)
            self._changed.clear()
            await self._changed.wait()
        entry = self._entries.popleft()
        if isinstance(entry, EventReceived):
            self._count_event(-1, -len(entry.text))
        self._audio -= isinstance(entry, AudioReceived)
        return entry

    def close(self, reason: str) -> None:
        """No more will come; the first reason counts."""
        if self._closed is None:
            self._closed = reason
            self._changed.set()
            self._room.set()

    def _count_event(self, events: int, size: int) -> None:
        self._events += events
        self._bytes += size
        if self._events < self._max_events and self._bytes < self._max_bytes:
            self._room.set()
        else:
            self._room.clear()

    def _drop_oldest_audio(self) -> None:
        for at, entry in enumerate(self._entries):
            if isinstance(entry, AudioReceived):
                del self._entries[at]
                self._audio -= 1
                AUDIO_DROPPED.labels(queue="transport_inbox").inc()
                return
