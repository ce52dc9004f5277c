"""Run a program that talks to the server, and take in what it found."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any


async def said_by(
    command: Sequence[str], limit_s: float, environment: Mapping[str, str] | None = None
) -> Any:
    """The last line of its stdout, as JSON. It must end well, and in time."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit_s):
            said, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complaints.decode()
    return json.loads(said.splitlines()[-1])
