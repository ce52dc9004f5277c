"""Keep the built-in services running: start each as a child, start it again when it crashes."""

import asyncio
import socket
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from rtcserver.local.child import EXIT_CONFIG
from rtcserver.local.process import ChildProcess
from rtcserver.metrics import SERVICE_RESTARTS
from rtcserver.timer import Stopwatch

_BACKOFF_S = (0.1, 5.0)  # first and longest wait before a restart
_HEALTHY_S = 10.0  # a life this long earns the shortest wait again

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Child:
    """A program: `python -m module *args --fd N`. `name` is "stt", "llm" or "tts"."""

    name: str
    module: str
    args: tuple[str, ...] = ()


class Supervisor:
    """Owns the children it started, from `async with` to its end."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._group = asyncio.TaskGroup()
        self._running: dict[str, ChildProcess] = {}
        self._states: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)  # an error of the body stays as it is

    async def start(self, child: Child) -> str:
        """Start `child`; return its address, "http://127.0.0.1:port".

        The address can be used at once and survives restarts: the listening socket is ours, and
        who connects while the child is away waits in its backlog. Raises OSError.
        """
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._states[child.name] = "starting"
        task = self._group.create_task(self._keep(child, listener), name=f"child {child.name}")
        self._tasks.append(task)
        task.add_done_callback(lambda _: listener.close())
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def pids(self) -> dict[str, int]:
        """Process ids of the children that run now, by name."""
        return {name: process.pid for name, process in self._running.items()}

    def state(self, name: str) -> str:
        """ "starting", "running", "restarting", or "failed: why" when a restart would not help."""
        return self._states[name]

    def failure(self, name: str) -> str:
        """Why the child can never run here; empty as long as it may."""
        state, _, why = self._states[name].partition(": ")
        return why if state == "failed" else ""

    async def _keep(self, child: Child, listener: socket.socket) -> None:
        """Run it again and again, until cancelled or until it says that it cannot work here."""
        first_s, longest_s = _BACKOFF_S
        wait_s = first_s
        while True:
            life = Stopwatch()
            code, last_line = await self._live(child, listener.fileno())
            if code == EXIT_CONFIG:
                self._states[child.name] = f"failed: {last_line}"
                _log.error("child cannot run", child=child.name, why=last_line)
                return
            if life.elapsed() > _HEALTHY_S:
                wait_s = first_s
            self._states[child.name] = "restarting"
            SERVICE_RESTARTS.labels(child.name).inc()
            _log.warning("child ended", child=child.name, code=code, restart_in_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, longest_s)

    async def _live(self, child: Child, fd: int) -> tuple[int, str]:
        """One life: its exit code and the last line it wrote."""
        lines = _Lines(child.name)
        argv = (sys.executable, "-m", child.module, *child.args, "--fd", str(fd))
        try:
            process = await ChildProcess.spawn(argv, fd, lines)
        except OSError as exc:  # no memory, no process table entry: later there may be
            return exc.errno or 1, str(exc)
        try:
            self._running[child.name] = process
            self._states[child.name] = "running"
            code = await process.wait()
        finally:
            self._running.pop(child.name, None)
            await process.end()
        return code, lines.last


class _Lines:
    """Passes a child's lines on to our log and remembers the last."""

    def __init__(self, name: str) -> None:
        self._log = _log.bind(child=name)
        self.last = "no word"

    def __call__(self, line: str) -> None:
        self.last = line
        self._log.info("child says", line=line)
