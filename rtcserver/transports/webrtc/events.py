"""The data channel of a call, and the events that wait for it to open."""

import logging
from collections import deque

from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

from rtcserver import trace
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.dialect import Dialect, Exchange
from rtcserver.realtime.events.error import server_error
from rtcserver.timer import utc_text
from rtcserver.transports.base import EventReceived
from rtcserver.transports.inbox import Inbox

_MAX_WAITING = 256  # events
_MAX_BUFFERED = 8 * 2**20  # bytes: an answer to each of the client's events that may wait
_SHORT = 1_024  # as an error is: one that is too large itself is not told by another
_log = logging.getLogger(__name__)


class EventChannel:
    """Made by the client, if at all. A call without one has only its voice; its first events
    are kept, in case the channel comes late."""

    def __init__(self, inbox: Inbox, max_event_bytes: int, dialect: Dialect) -> None:
        self._inbox = inbox
        self._dialect = dialect
        self._max_event_bytes = max_event_bytes
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[ServerEvent] = deque()

    def open(self, channel: RTCDataChannel) -> None:
        """Take this channel, if it is ours; send what has waited."""
        if channel.label != self._dialect.label or self._channel:
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
        trace.sent(event)
        self._carry_out(self._dialect.from_session(event, utc_text()))

    def _carry_out(self, exchange: Exchange) -> None:
        for text in exchange.to_client:
            self._write(text)
        for event in exchange.to_session:
            self._inbox.put(EventReceived(event))
        if exchange.leaves:
            self._inbox.close("the client asked for the end of the call")

    def _write(self, text: str) -> None:
        if self._channel is None or self._inbox.closed:
            return
        if self._channel.bufferedAmount > _MAX_BUFFERED:
            self._inbox.close("the client does not read what is sent to it")
            return
        try:
            self._channel.send(text)
        except InvalidStateError:
            self._inbox.close("the data channel is closed")
        except ValueError as exc:  # larger than the a=max-message-size of the client
            _log.warning("an event was not sent: %s", exc)
            if len(text) > _SHORT:
                self.send(server_error("event_too_large", str(exc)))

    def _received(self, message: str | bytes) -> None:
        if len(message) > self._max_event_bytes:
            self._inbox.close(f"an event was larger than {self._max_event_bytes} bytes")
            return
        self._carry_out(self._dialect.from_client(message))

    def _closed(self) -> None:
        self._inbox.close("the client closed its data channel")
