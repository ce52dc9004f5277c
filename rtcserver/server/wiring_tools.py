"""Find the tools that calls can use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rtcserver.services.tools import python
from rtcserver.services.tools.shelf import Opening, Shelf


@asynccontextmanager
async def wire_tools() -> AsyncIterator[Shelf]:
    """Load what packages bring. Raises ConfigError."""
    functions = python.PythonTools(await asyncio.to_thread(_installed))
    own: dict[str, Opening] = {python.LABEL: functions.open} if len(functions) else {}
    try:
        yield Shelf(own)
    finally:
        functions.close()


def _installed() -> list[python.PythonTool]:
    """Imports them, which may take its time."""
    return python.load(python.installed())
