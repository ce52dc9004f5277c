"""Start a server of our own on a free port, for as long as it is needed."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_LISTENING = re.compile(r"listening on (http://\S+)")
_START_S = 60.0  # a cold machine loads models first
_STOP_S = 10.0
_COMMAND = ("-m", "rtcserver", "serve", "--port", "0")


class ServerStartError(Exception):
    """It did not come up; the message says how far it came."""


@asynccontextmanager
async def own_server(command: tuple[str, ...] = _COMMAND) -> AsyncIterator[str]:
    """Yield its URL. Raises ServerStartError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,  # the line that tells the URL is one of the log
    )
    assert process.stdout
    try:
        url = await _url(process.stdout)
        draining = asyncio.create_task(_drain(process.stdout), name="server's stdout")
        try:
            yield url
        finally:
            draining.cancel()
    finally:
        await _stop(process)


async def _url(stdout: asyncio.StreamReader) -> str:
    try:
        async with asyncio.timeout(_START_S):
            async for line in stdout:
                if match := _LISTENING.search(line.decode(errors="replace")):
                    return match[1]
    except TimeoutError as exc:
        raise ServerStartError(f"the server did not listen within {_START_S:g} s") from exc
    raise ServerStartError("the server ended before it listened")


async def _drain(stdout: asyncio.StreamReader) -> None:
    """A full pipe would stop the server."""
    while await stdout.read(65_536):
        pass


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
