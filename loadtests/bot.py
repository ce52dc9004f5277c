"""Hold one call over the Realtime WebSocket: speak, wait for the answer, speak again."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from loadtests.microphone import Microphone
from loadtests.turn import Mark, Turn
from rtcserver import timer
from rtcserver.audio.format import SAMPLE_RATE, Samples, from_milliseconds, seconds

CHUNK_MS = 40  # clients send 20 to 100 ms at a time
OPENING_S = 5.0  # limit of connecting and being greeted
TURN_S = 60.0  # the constitution's longest turn
PAUSE_S = 0.5  # a caller's breath between an answer and the next words

_SESSION = {
    "type": "realtime",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": SAMPLE_RATE},
            "turn_detection": {"type": "server_vad"},
        },
        "output": {"format": {"type": "audio/pcm", "rate": SAMPLE_RATE}},
    },
}


@dataclass(frozen=True, slots=True)
class Utterance:
    """`samples` hold the words and no silence around them, so that marks can be trusted."""

    text: str
    samples: Samples


@dataclass(slots=True)
class Call:
    """What became of a call: `problem` is empty if every turn was answered."""

    turns: list[Turn] = field(default_factory=list)
    problem: str = ""


class CallError(Exception):
    """The call cannot go on; the message says why."""


async def hold_call(url: str, utterances: Sequence[Utterance]) -> Call:
    """Call the server at `url` (http://host:port) and say everything, one turn after another."""
    call = Call()
    limit = aiohttp.ClientTimeout(total=None, connect=OPENING_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.ws_connect(f"{url}/v1/realtime?rtc_events=1", heartbeat=10.0) as wire,
        ):
            await _Caller(wire, call).talk(utterances)
    except CallError as exc:
        call.problem = str(exc)
    except (aiohttp.ClientError, OSError) as exc:
        call.problem = f"{type(exc).__name__}: {exc}"
    return call


class _Caller:
    """The ears, the mouth and the patience of one bot."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse, call: Call) -> None:
        self._wire = wire
        self._call = call
        self._microphone = Microphone()

    async def talk(self, utterances: Sequence[Utterance]) -> None:
        """Raises CallError."""
        async with _limit(OPENING_S, "session.created"):
            while (await self._event())["type"] != "session.created":
                pass
        await self._send("session.update", session=_SESSION)
        speaking = asyncio.create_task(self._keep_speaking(), name="microphone")
        try:
            await self._pause(PAUSE_S)
            for utterance in utterances:
                await self._take_turn(utterance)
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])

    async def _take_turn(self, utterance: Utterance) -> None:
        """Say it, and listen until the answer was played to its end."""
        turn = Turn(utterance.text, said_s=seconds(len(utterance.samples)))
        self._call.turns.append(turn)
        self._microphone.say(utterance.samples)
        async with _limit(TURN_S, "response.done"):
            while not turn.ended:
                turn.observe(await self._event(), timer.now())
        if turn.problem:
            raise CallError(turn.problem)
        played = turn.marks[Mark.FIRST_AUDIO] + turn.audio_s
        await self._pause(played + PAUSE_S - timer.now())

    async def _keep_speaking(self) -> None:
        """Send what the microphone takes in, in real time; the wire's end ends it."""
        size, start = from_milliseconds(CHUNK_MS), timer.now()
        with suppress(ConnectionError):
            for chunk_no in count(1):
                due = start + seconds(chunk_no * size)  # when its last sample has been taken in
                await asyncio.sleep(due - timer.now())
                samples, begins = self._microphone.chunk(size)
                if begins:
                    self._call.turns[-1].begin(due - seconds(size))
                await self._send(
                    "input_audio_buffer.append", audio=base64.b64encode(samples.tobytes()).decode()
                )

    async def _pause(self, length_s: float) -> None:
        """Wait with open ears: nothing that arrives now belongs to a turn."""
        with suppress(TimeoutError):
            async with asyncio.timeout(length_s):
                while True:
                    await self._event()

    async def _event(self) -> dict[str, Any]:
        """Raises CallError when the server has hung up."""
        message = await self._wire.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise CallError(f"the server hung up (close code {self._wire.close_code})")
        event: dict[str, Any] = message.json()
        if event["type"] == "rtc.latency":  # it may come after the end of its turn
            self._call.turns[-1].silence_s = event["total_ms"] / 1000
        return event

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._wire.send_json({"type": kind, **fields})


@asynccontextmanager
async def _limit(length_s: float, awaited: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(length_s):
            yield
    except TimeoutError as exc:
        raise CallError(f"no {awaited} within {length_s:g} s") from exc
