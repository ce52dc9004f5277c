"""Passes of a model by threads, for callers who come, wait, and leave."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from rtcserver.local.engines.whisper import Clip
from rtcserver.local.stt_worker_wire import End, Feed, Heard, Unpacker, pack, reports
from rtcserver.local.whisper_caller import Caller
from rtcserver.local.whisper_guards import Hypothesis
from rtcserver.local.whisper_line import Policy
from rtcserver.local.whisper_passes import Passes
from rtcserver.timer import now
from tests.adapters.stubs.leaks import until
from tests.virtual_time import run


class Model:
    """Each pass ends when it may; what it finds in a clip is how long it is."""

    def __init__(self, broken: bool = False) -> None:
        self.asked: list[list[int]] = []
        self._may_end = threading.Semaphore(0)
        self._broken = broken

    def hear(self, clips: list[Clip]) -> list[Hypothesis]:
        self.asked.append([len(clip) for clip in clips])
        assert self._may_end.acquire(timeout=5)
        if self._broken:
            raise RuntimeError("out of memory")
        return [Hypothesis(str(len(clip)), (), 0.0, 0.0, False) for clip in clips]

    def end(self, passes: int = 1) -> None:
        self._may_end.release(passes)


def wish(passes: Passes, samples: int, *, final: bool = True) -> asyncio.Task[Hypothesis]:
    return asyncio.create_task(passes.hear(np.zeros(samples, np.int16), final=final))


async def cancelled(task: asyncio.Task[Hypothesis]) -> None:
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=1)
    assert task.cancelled()


async def test_a_clip_waits_for_its_lane() -> None:
    model = Model()
    passes = Passes(model, Policy(lanes=1))
    first, second = wish(passes, 1), wish(passes, 2)
    await until(lambda: model.asked == [[1]])
    assert not passes.have_room
    model.end(2)
    assert [(await first).text, (await second).text] == ["1", "2"]
    assert model.asked == [[1], [2]]
    assert passes.have_room


async def test_who_is_cancelled_leaves_the_line() -> None:
    model = Model()
    passes = Passes(model, Policy(lanes=1, batch=2, window_s=0.02))
    for final in (True, False):
        await cancelled(wish(passes, 1, final=final))
    assert passes.have_room
    stays = wish(passes, 2)
    model.end()
    assert (await stays).text == "2"
    assert model.asked == [[2]]


async def test_a_batch_is_heard_for_those_who_still_wait() -> None:
    model = Model()
    passes = Passes(model, Policy(lanes=1, batch=2, window_s=1.0))
    leaves, stays = wish(passes, 1), wish(passes, 2)
    await until(lambda: model.asked == [[1, 2]])
    await cancelled(leaves)
    model.end()
    assert (await stays).text == "2"


async def test_what_breaks_a_pass_is_told_to_all_of_its_batch_and_frees_the_lane() -> None:
    model = Model(broken=True)
    passes = Passes(model, Policy(lanes=1, batch=2, window_s=1.0))
    both = [wish(passes, 1), wish(passes, 2)]
    model.end()
    for task in both:
        with pytest.raises(RuntimeError, match="out of memory"):
            await task
    assert passes.have_room


def test_a_pass_that_takes_more_than_30_s_is_no_sign_of_life() -> None:
    async def wait_for_it() -> None:
        model = Model()
        passes = Passes(model, Policy(lanes=2))
        slow = wish(passes, 1)
        await asyncio.sleep(29)
        quick = wish(passes, 2)  # in the other lane
        await asyncio.sleep(1)
        assert passes.alive
        await asyncio.sleep(1)
        assert not passes.alive
        model.end(2)
        await asyncio.wait({slow, quick})
        assert passes.alive

    run(wait_for_it())


@asynccontextmanager
async def called(model: Model) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """One caller's end of the line to it; 2 s of noise are to be heard."""
    passes = Passes(model, Policy(lanes=1))
    async with asyncio.TaskGroup() as tasks:

        def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.create_task(Caller(reader, writer, passes).run())

        async with await asyncio.start_server(welcome, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            noise = np.random.default_rng(0).normal(0, 3_000, 32_000).astype(np.int16)
            writer.write(pack(Feed(noise.tobytes(), 0.0)) + pack(End(1)))
            yield reader, writer
            model.end()
            writer.close()


async def signs(reader: asyncio.StreamReader, until_s: float) -> list[tuple[float, Heard]]:
    """When it reported what, up to its final words or that time."""
    told: list[tuple[float, Heard]] = []
    unpacker = Unpacker()
    while not (told and told[-1][1].final):
        try:
            async with asyncio.timeout_at(until_s):
                data = await reader.read(4_096)
        except TimeoutError:
            break
        bodies = [reports.decode(body) for body in unpacker.push(data)]
        told += [(now(), body) for body in bodies if isinstance(body, Heard)]
    return told


def test_a_pass_of_25_s_is_waited_for() -> None:
    async def wait_for_it() -> None:
        model = Model()
        async with called(model) as (reader, _):
            asyncio.get_running_loop().call_later(25, model.end)
            told = await signs(reader, until_s=60)
        moments = [moment for moment, _ in told]
        assert told[-1][1].final == 1
        assert max(np.diff(moments)) < 10  # then it would be given up

    run(wait_for_it(), sockets=True)


def test_a_pass_that_hangs_is_given_up() -> None:
    async def wait_for_it() -> None:
        async with called(Model()) as (reader, _):
            told = await signs(reader, until_s=90)
        assert told[-1][0] <= 30

    run(wait_for_it(), sockets=True)
