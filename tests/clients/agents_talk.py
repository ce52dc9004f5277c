"""A conversation held with the openai-agents package for Python."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession
from agents.realtime.events import (
    RealtimeAudio,
    RealtimeAudioInterrupted,
    RealtimeError,
    RealtimeHistoryAdded,
    RealtimeHistoryUpdated,
    RealtimeRawModelEvent,
    RealtimeSessionEvent,
)
from agents.realtime.model_events import RealtimeModelExceptionEvent, RealtimeModelRawServerEvent

from rtcserver.audio.format import Samples, from_milliseconds, seconds
from rtcserver.timer import now

_LIMIT_S = 60.0
_CHUNK_MS = 40


@function_tool
def open_door() -> str:
    """Open the door."""
    return "the door is open"


class Talk:
    """What the package tells is taken in by `until`."""

    def __init__(self, session: RealtimeSession) -> None:
        self.session = session
        self.received: list[dict[str, Any]] = []
        """The server's events, as they came."""
        self.errors: list[Any] = []
        self.history: list[Any] = []
        self._events = aiter(session)
        self._audio = bytearray()
        self._first_at = self._cut_at = float("inf")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(_LIMIT_S):
            while not condition():
                self._take(await anext(self._events))

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.received if event["type"] == kind]

    def lines(self) -> list[tuple[str, str, str]]:
        """Who, with which status, says what; a function says its result."""
        return [
            (item.name, item.status, item.output)
            if item.type == "function_call"
            else (item.role, item.status, " ".join(filter(None, map(_text_of, item.content))))
            for item in self.history
        ]

    async def done(self, *, responses: int) -> None:
        """Until so many responses are over."""
        await self.until(lambda: len(self.all("response.done")) == responses)

    def heard(self) -> Samples:
        """Of the first answer, by one who plays it as it comes and stops when told to."""
        samples = np.frombuffer(self._audio, dtype="<i2").astype(np.int16)
        return samples[
            : from_milliseconds(round(1e3 * (min(now(), self._cut_at) - self._first_at)))
        ]

    def heard_s(self) -> float:
        return 0.0 if not self._audio else seconds(len(self.heard()))

    async def speak(self, speech: Samples) -> None:
        """As a microphone does, and then silence, until cancelled."""
        size, start, sent = from_milliseconds(_CHUNK_MS), now(), 0
        while True:
            chunk = np.zeros(size, dtype="<i2")
            chunk[: len(speech[sent : sent + size])] = speech[sent : sent + size]
            await self.session.send_audio(chunk.tobytes())
            sent += size
            await asyncio.sleep(start + seconds(sent) - now())

    def _take(self, event: RealtimeSessionEvent) -> None:
        match event:
            case RealtimeRawModelEvent(data=RealtimeModelRawServerEvent(data=received)):
                self.received.append(received)
            case RealtimeRawModelEvent(data=RealtimeModelExceptionEvent(exception=error)):
                self.errors.append(error)
            case RealtimeError(error=error):
                self.errors.append(error)
            case RealtimeHistoryUpdated(history=history):
                self.history = history
            case RealtimeHistoryAdded(item=item):
                self.history = [*self.history, item]
            case RealtimeAudio(audio=audio) if self._cut_at == float("inf"):
                self._first_at = min(self._first_at, now())
                self._audio += audio.data
            case RealtimeAudioInterrupted():
                self._cut_at = min(self._cut_at, now())


def _text_of(part: Any) -> str | None:
    return getattr(part, "transcript", None) or getattr(part, "text", None)


@asynccontextmanager
async def talk_with(url: str) -> AsyncIterator[Talk]:
    """A call to the server at this URL."""
    runner = RealtimeRunner(RealtimeAgent(name="porter", tools=[open_door]))
    address = url.replace("http", "ws", 1) + "/v1/realtime"
    session = await runner.run(model_config={"url": address, "api_key": "unused"})
    async with session:
        yield Talk(session)
