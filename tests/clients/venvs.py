"""Clients of PyPI whose packages disagree with each other: each has an environment of its own.

locks/NAME.txt is made by `uv pip compile --universal --python-version 3.11 --no-annotate
--no-header locks/NAME.in -o locks/NAME.txt`.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients.program import said_by
from tests.source import REPOSITORY

_HERE = Path(__file__).parent
_UV = str(Path(sys.executable).parent / "uv")
_INSTALL_S = 300.0


def python_of(name: str) -> Path:
    """The interpreter of an environment that is as locks/`name`.txt wants it; quick if it is."""
    lock = _HERE / "locks" / f"{name}.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = REPOSITORY / "build" / "clients" / f"{name}-{digest}"
    python, made = folder / "bin" / "python", folder / ".made"
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run(_UV, "venv", "--quiet", "--python", sys.executable, str(folder))
        _run(_UV, "pip", "sync", "--quiet", "--python", str(python), str(lock))
        made.touch()
    return python


def _run(*command: str) -> None:
    environment = {**os.environ, "UV_SYSTEM_CERTS": "true"}
    subprocess.run(command, check=True, timeout=_INSTALL_S, env=environment)


async def run(name: str, *arguments: str, limit_s: float = 90.0) -> Any:
    """Run programs/`name`.py there; see said_by."""
    python = await asyncio.to_thread(python_of, name)
    program = _HERE / "programs" / f"{name}.py"
    return await said_by((str(python), str(program), *arguments), limit_s)
