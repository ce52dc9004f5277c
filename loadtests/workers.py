"""Spread calls over processes, so that the bots do not slow each other down."""

import asyncio
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from loadtests.bot import Call, Utterance, hold_call

_STAGGER_S = 2.0  # over which the calls begin, so that they do not speak in chorus

Script = Sequence[Utterance]


async def hold_calls(url: str, scripts: Sequence[Script], workers: int) -> list[Call]:
    """One call for each script, all at once; the order of the answer is that of no call."""
    starts = [(index * _STAGGER_S / len(scripts), script) for index, script in enumerate(scripts)]
    shares = [share for first in range(workers) if (share := starts[first::workers])]
    loop = asyncio.get_running_loop()
    # spawn: a fork would inherit this process's event loop and sockets
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(shares), mp_context=context) as pool:
        done = [loop.run_in_executor(pool, _work, url, share) for share in shares]
        return [call for calls in await asyncio.gather(*done) for call in calls]


def _work(url: str, share: Sequence[tuple[float, Script]]) -> list[Call]:
    """The main function of one worker process."""
    return asyncio.run(_hold_share(url, share))


async def _hold_share(url: str, share: Sequence[tuple[float, Script]]) -> list[Call]:
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(_begin(url, after_s, script)) for after_s, script in share]
    return [call.result() for call in calls]


async def _begin(url: str, after_s: float, script: Script) -> Call:
    await asyncio.sleep(after_s)
    return await hold_call(url, script)
