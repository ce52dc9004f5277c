"""Read server-sent events that hold one JSON object each. Pure."""

from typing import Generic, TypeVar

import msgspec

from rtcserver.backends import Service
from rtcserver.errors import ServiceFailed
from rtcserver.services.data_lines import DataLines
from rtcserver.services.openai_refusals import UNREADABLE

T = TypeVar("T")


class JsonEvents(Generic[T]):
    """One stream of a service. Raises ServiceFailed for garbage."""

    def __init__(self, service: Service, decoder: msgspec.json.Decoder[T]) -> None:
        self.done = False
        """The end was told: [DONE]."""
        self._service, self._decoder = service, decoder
        self._lines = DataLines()

    def push(self, data: bytes) -> list[T]:
        """The events that this chunk completes."""
        try:
            return self._decoded(self._lines.push(data))
        except ValueError as exc:
            raise ServiceFailed(self._service, f"garbage: {exc}") from exc

    def flush(self) -> list[T]:
        """The last event, if the stream ended without a line feed."""
        return self.push(b"\n")

    def _decoded(self, payloads: list[bytes]) -> list[T]:
        events = []
        for payload in payloads:
            if payload == b"[DONE]":
                self.done = True
                continue
            try:
                events.append(self._decoder.decode(payload))
            except UNREADABLE as exc:
                raise ServiceFailed(self._service, f"garbage: {exc}") from exc
        return events
