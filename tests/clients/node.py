"""Clients of npm: the locked packages, and Node, which comes from uv.lock as well."""

import asyncio
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "js"
PACKAGES = HERE / "node_modules"

_BIN = Path(sys.executable).parent
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_INSTALL_S = 300.0
# A company's proxy is trusted where the machine trusts it.
_ENVIRONMENT = {**os.environ, "NODE_USE_SYSTEM_CA": "1", "PATH": f"{_BIN}:{os.environ['PATH']}"}


def install() -> Path:
    """The folder of the packages, as package-lock.json wants them; quick if they are there."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = PACKAGES / ".lock-sha256"
    with _alone():
        if not stamp.exists() or stamp.read_text() != lock:
            command = [str(_BIN / "npm"), *_INSTALL]
            subprocess.run(command, cwd=HERE, env=_ENVIRONMENT, check=True, timeout=_INSTALL_S)
            stamp.write_text(lock)
    return PACKAGES


async def bundle(script: str, into: Path) -> None:
    """Put js/`script` and the packages it imports into one file that a page can load."""
    options = ("--bundle", "--format=esm", "--log-level=warning", f"--outfile={into / script}")
    process = await asyncio.create_subprocess_exec(
        *(str(PACKAGES / ".bin" / "esbuild"), str(HERE / script), *options), env=_ENVIRONMENT
    )
    assert await process.wait() == 0


@contextmanager
def _alone() -> Iterator[None]:
    """Two test runs may share this folder."""
    with (HERE / ".installing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def run(script: str, *arguments: str, limit_s: float = 60.0, **environment: str) -> Any:
    """Run js/`script`; what its last line of stdout says, as JSON. It must end well."""
    process = await asyncio.create_subprocess_exec(
        *(str(_BIN / "node"), str(HERE / script), *arguments),
        env=_ENVIRONMENT | environment,
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
