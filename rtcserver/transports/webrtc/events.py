"""The data channel `oai-events`, and the events that wait for it to open."""

import logging
from collections import deque

from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

from rtcserver.realtime.codec import ServerEvent, dump_event
from rtcserver.realtime.events.error import server_error
from rtcserver.transports.base import EventReceived
from rtcserver.transports.inbox import Inbox

LABEL = "oai-events"
_MAX_WAITING = 256  # events
_MAX_BUFFERED = 4 * 2**20  # bytes
_log = logging.getLogger(__name__)


class EventChannel:
    """Made by the client, if at all. A call without one has only its voice; its first events
    are kept, in case the channel comes late."""

    def __init__(self, inbox: Inbox, max_event_bytes: int) -> None:
        self._inbox = inbox
        self._max_event_bytes = max_event_bytes
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[ServerEvent] = deque()

    def open(self, channel: RTCDataChannel) -> None:
        """Take this channel, if it is ours; send what has waited."""
        if channel.label != LABEL or self._channel:
            return
        self._channel = channel
        channel.on("message", self._received)
        channel.on("close", self._closed)
        while self._waiting:
            self.send(self._waiting.popleft())

    def send(self, event: ServerEvent) -> None:
        if self._inbox.closed:
            return
        if self._channel is None:
            if len(self._waiting) < _MAX_WAITING:
                self._waiting.append(event)
            return
        if self._channel.bufferedAmount > _MAX_BUFFERED:
            self._inbox.close("the client does not read what is sent to it")
            return
        try:
            self._channel.send(dump_event(event))
        except InvalidStateError:
            self._inbox.close("the data channel is closed")
        except ValueError as exc:  # larger than the a=max-message-size of the client
            _log.warning("an event was not sent: %s", exc)
            self._channel.send(dump_event(server_error("event_too_large", str(exc))))

    def _received(self, message: str | bytes) -> None:
        if len(message) > self._max_event_bytes:
            self._inbox.close(f"an event was larger than {self._max_event_bytes} bytes")
            return
        self._inbox.put(EventReceived(message))

    def _closed(self) -> None:
        self._inbox.close("the client closed its data channel")
