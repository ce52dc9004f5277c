"""The README's example does what it says, with OpenAI's own client."""

import asyncio
import re
import sys
from pathlib import Path

import aiohttp

from rtcserver.config import Server, Settings
from rtcserver.server.run import serving
from tests.source import REPOSITORY

_READY_S, _EXAMPLE_S = 60.0, 30.0


async def test_openai_python_gets_an_answer(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    async with serving(Settings(server=Server(port=0))) as url:
        await _up(url)
        script = tmp_path / "example.py"
        script.write_text(example.replace("http://localhost:8080", url))
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(_EXAMPLE_S):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 0
    assert "five" in said.decode().lower()


async def _up(url: str) -> None:
    """/health waits for the services itself, up to its own limit; so there is no sleep here."""
    async with asyncio.timeout(_READY_S), aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{url}/health") as answer:
                if (await answer.json())["status"] == "up":
                    return
