"""Hold a call over the Realtime WebSocket, with a microphone that is always on."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import numpy as np

from loadtests.microphone import Microphone
from rtcserver.audio.format import Samples, from_milliseconds, seconds, silence
from rtcserver.audio.wire_format import Decoder, Encoder
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.timer import now
from tests.conversation.dialogue import HANG_UP_TOOL

Event = dict[str, Any]

EVENT_S = 30.0
ANSWER_S = 30.0
_CHUNK_MS = 40
_BREATH_S = 0.7  # between an answer and the next words


@dataclass
class Answer:
    """One turn as its caller saw it."""

    events: list[Event] = field(default_factory=list)
    sound: Samples = field(default_factory=lambda: silence(0))

    @property
    def types(self) -> list[str]:
        """Of all events, in order, but for those that come by the word: deltas, rtc.heard."""
        kinds = (event["type"] for event in self.events)
        return [kind for kind in kinds if not kind.endswith((".delta", "rtc.heard"))]

    def one(self, kind: str) -> Event:
        (event,) = (event for event in self.events if event["type"] == kind)
        return event

    @property
    def transcript(self) -> str:
        return str(self.one("response.output_audio_transcript.done")["transcript"])

    @property
    def heard(self) -> str:
        """What the server understood."""
        completed = self.one("conversation.item.input_audio_transcription.completed")
        return str(completed["transcript"])


class WebSocketCaller:
    """Everything it says and hears runs in real time."""

    def __init__(
        self, wire: aiohttp.ClientWebSocketResponse, format_name: AudioFormatName = "audio/pcm"
    ) -> None:
        self.errors: list[Event] = []
        self._wire = wire
        self._format = format_name
        self._microphone = Microphone()
        self._quiet_at = 0.0  # when the last answer has been played

    async def configure(self) -> None:
        """Speak this format, and offer the tool that hangs up. Raises TimeoutError."""
        shape = {"type": self._format} | ({"rate": 24_000} if self._format == "audio/pcm" else {})
        audio = {"input": {"format": shape}, "output": {"format": shape}}
        session = {"type": "realtime", "audio": audio, "tools": [HANG_UP_TOOL]}
        await self.tell("session.update", session=session)
        await self.event("session.updated")

    def say(self, words: Samples) -> None:
        """Once the last answer was heard, and after a breath."""
        pause = max(0.0, self._quiet_at - now()) + _BREATH_S
        self._microphone.say(np.concatenate((silence(from_milliseconds(int(pause * 1e3))), words)))

    async def answer(self) -> Answer:
        """Listen until the server has finished a response. Raises TimeoutError."""
        answer, decoder, first_at = Answer(), Decoder(self._format), 0.0
        async with asyncio.timeout(ANSWER_S):
            while not answer.events or answer.events[-1]["type"] != "response.done":
                answer.events.append(event := await self._event())
                if event["type"] == "response.output_audio.delta":
                    first_at = first_at or now()
                    samples = decoder.push(base64.b64decode(event["delta"]))
                    answer.sound = np.concatenate((answer.sound, samples))
        self._quiet_at = first_at + seconds(len(answer.sound))
        return answer

    async def keep_speaking(self) -> None:
        """Send what the microphone takes in, until cancelled."""
        encoder, size, start = Encoder(self._format), from_milliseconds(_CHUNK_MS), now()
        for number in count(1):
            await asyncio.sleep(start + seconds(number * size) - now())
            samples, _ = self._microphone.chunk(size)
            audio = base64.b64encode(encoder.push(samples)).decode()
            await self.tell("input_audio_buffer.append", audio=audio)

    async def tell(self, kind: str, **fields: Any) -> None:
        await self._wire.send_json({"type": kind, **fields})

    async def event(self, kind: str) -> Event:
        """The next event of this type; others before it are dropped. Raises TimeoutError."""
        async with asyncio.timeout(EVENT_S):
            while (event := await self._event())["type"] != kind:
                pass
        return event

    async def _event(self) -> Event:
        message = await self._wire.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, f"hung up, code {self._wire.close_code}"
        event: Event = message.json()
        if event["type"] == "error":
            self.errors.append(event)
        return event


@asynccontextmanager
async def websocket_call(
    url: str, format_name: AudioFormatName = "audio/pcm"
) -> AsyncIterator[WebSocketCaller]:
    """A call that is configured, with its microphone on."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{url}/v1/realtime?rtc_events=1", timeout=_CLOSING) as wire,
    ):
        caller = WebSocketCaller(wire, format_name)
        await caller.configure()
        speaking = asyncio.create_task(caller.keep_speaking(), name="microphone")
        try:
            yield caller
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])


_CLOSING = aiohttp.ClientWSTimeout(ws_close=5.0)
