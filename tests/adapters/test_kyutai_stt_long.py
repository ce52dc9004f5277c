"""What takes minutes at a Kyutai STT server, on a clock that jumps."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import numpy as np
import pytest

from rtcserver.audio.format import FRAME_TIME_SEC, Samples, silence
from rtcserver.config import Stt
from rtcserver.services.stt.base import Transcriber
from rtcserver.services.stt.kyutai import KyutaiTranscribers
from rtcserver.services.stt.kyutai_ear import Bears
from rtcserver.turns.hearing import Final, Hearing, Word
from tests import virtual_time
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.leaks import until
from tests.adapters.stubs.serving import client

SOUND: Samples = np.full(1920, 3_000, np.int16)
QUIET = silence()
SHORT = Bears(frames=1024)


class Call:
    """Speaks in real time, and notes what it hears."""

    def __init__(self, ear: Transcriber) -> None:
        self.ear = ear
        self.heard: list[Hearing] = []

    async def speak(self, frames: Sequence[Samples]) -> None:
        start = asyncio.get_running_loop().time()
        for k, frame in enumerate(frames):
            await asyncio.sleep(start + k * FRAME_TIME_SEC - asyncio.get_running_loop().time())
            await self.ear.send(frame)

    async def flush(self, mark: int) -> float:
        """Seconds until it is answered."""
        began = asyncio.get_running_loop().time()
        await self.ear.flush(mark)
        await until(lambda: Final(mark) in self.heard, limit_s=10)
        return asyncio.get_running_loop().time() - began

    @property
    def word_frames(self) -> list[int]:
        words = [event for event in self.heard if isinstance(event, Word)]
        return [round(word.start_s / FRAME_TIME_SEC) for word in words]

    async def listen(self) -> None:
        async with aclosing(self.ear.events()) as events:
            async for event in events:
                self.heard.append(event)


async def with_call(stub: KyutaiSttStub, bears: Bears, frames: Sequence[Samples]) -> Call:
    """All of `frames` spoken, and all words of them heard."""
    async with stub.running() as url, client() as http:
        ear = await KyutaiTranscribers(http, url, Stt(), bears=bears).open()
        call = Call(ear)
        listening = asyncio.create_task(call.listen())
        await call.speak(frames)
        await call.flush(1)
        await ear.close()
        await listening
    return call


def sentences(count: int) -> tuple[list[Samples], list[int]]:
    """Sounds of 0.8 s with 0.8 s between them, and the frames in which they begin."""
    one = [*[QUIET] * 10, *[SOUND] * 10]
    return one * count, [10 + 20 * k for k in range(count)]


@pytest.mark.parametrize(("slots", "connections"), [(2, 3), (1, 3)])
def test_no_word_is_lost_when_a_connection_nears_the_last_position(
    slots: int, connections: int
) -> None:
    frames, begins = sentences(110)
    stub = KyutaiSttStub(word_for_sound="la", slots=slots, most_frames=1024)
    call = virtual_time.run(with_call(stub, SHORT, frames), sockets=True)
    assert call.word_frames == begins
    assert len(stub.connections) == connections
    assert not stub.overrun
    assert stub.taken == 0


def test_words_in_flight_are_waited_for_before_a_connection_is_left() -> None:
    async def call() -> Call:
        async with stub.running() as url, client() as http:
            ear = await KyutaiTranscribers(http, url, Stt(), bears=SHORT).open()
            call = Call(ear)
            listening = asyncio.create_task(call.listen())
            await call.speak([QUIET] * 880 + [SOUND] * 15 + [QUIET] * 3 + [SOUND] * 2)
            await call.flush(1)
            await call.speak([QUIET])
            await call.flush(2)
            await ear.close()
            await listening
            return call

    stub = KyutaiSttStub(word_for_sound="la", step_s=0.03)
    assert virtual_time.run(call(), sockets=True).word_frames == [880, 898]
    assert [len(one.pcm) for one in stub.connections] == [900 + 8 + 8, 1 + 8]


def test_a_speaker_who_never_pauses_is_moved_too() -> None:
    stub = KyutaiSttStub(word_for_sound="la", most_frames=1024)
    call = virtual_time.run(with_call(stub, SHORT, [SOUND] * 1200), sockets=True)
    assert call.word_frames[0] == 0
    assert len(stub.connections) == 2
    assert not stub.overrun


def test_a_muted_caller_keeps_the_connection_and_the_time() -> None:
    async def call() -> Call:
        async with stub.running() as url, client() as http:
            ear = await KyutaiTranscribers(http, url, Stt()).open()
            call = Call(ear)
            listening = asyncio.create_task(call.listen())
            await asyncio.sleep(600)
            await call.speak([QUIET] * 5 + [SOUND] * 5)
            await call.flush(1)
            await ear.close()
            await listening
            return call

    stub = KyutaiSttStub(word_for_sound="la")
    assert virtual_time.run(call(), sockets=True).word_frames == [5]
    assert len(stub.connections) == 1
    assert not stub.overrun


@pytest.mark.parametrize(
    ("steps", "module", "within_s"),
    [
        (True, "batched_asr", 0.2),
        (True, None, 0.2),
        (False, "batched_asr", 0.2),
        (False, None, 0.7),
    ],
)
def test_a_flush_ends_by_whatever_the_server_tells_and_else_by_the_models_delay(
    steps: bool, module: str | None, within_s: float
) -> None:
    async def call() -> float:
        async with stub.running() as url, client() as http:
            ear = await KyutaiTranscribers(http, url, Stt()).open()
            call = Call(ear)
            listening = asyncio.create_task(call.listen())
            await call.speak([SOUND] * 20)
            took_s = await call.flush(1)
            await ear.close()
            await listening
            assert call.word_frames == [0]
            return took_s

    stub = KyutaiSttStub(
        word_for_sound="la", steps=steps, module=module, answers_markers=module is not None
    )
    assert virtual_time.run(call(), sockets=True) < within_s
