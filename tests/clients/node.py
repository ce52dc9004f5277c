"""Clients of npm: the locked packages, and Node, which comes from uv.lock as well."""

import asyncio
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.program import said_by

HERE = Path(__file__).parent / "js"
PACKAGES = HERE / "node_modules"

_BIN = Path(sys.executable).parent
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_INSTALL_S = 300.0
# A company's proxy is trusted where the machine trusts it.
_ENVIRONMENT = {**os.environ, "NODE_USE_SYSTEM_CA": "1", "PATH": f"{_BIN}:{os.environ['PATH']}"}


def install(folder: Path = HERE) -> Path:
    """Its packages, as its package-lock.json wants them; quick if they are there."""
    packages = folder / "node_modules"
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = packages / ".lock-sha256"
    with _alone():
        if not stamp.exists() or stamp.read_text() != lock:
            command = [str(_BIN / "npm"), *_INSTALL]
            subprocess.run(command, cwd=folder, env=_ENVIRONMENT, check=True, timeout=_INSTALL_S)
            stamp.write_text(lock)
    return packages


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
    command = (str(_BIN / "node"), str(HERE / script), *arguments)
    return await said_by(command, limit_s, _ENVIRONMENT | environment)
