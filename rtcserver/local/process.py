"""One life of a child process: its lines of output, its end, and nothing of it left behind."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

_GRACE_S = 2.0  # between SIGTERM and SIGKILL
_DRAIN_S = 1.0  # what a killed process's pipes get to reach their end
_MAX_LINE = 4_096  # bytes; what is longer is cut into lines

OnLine = Callable[[str], None]


class _Watch(asyncio.SubprocessProtocol):
    """Notes what a process writes and when it ends.

    Unlike Process.wait(), the end is seen even while a grandchild still holds the pipes.
    """

    def __init__(self, on_line: OnLine) -> None:
        self._on_line = on_line
        self._rest = b""
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MAX_LINE:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            if line:
                self._on_line(line[:_MAX_LINE].decode(errors="replace"))

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


class ChildProcess:
    """A running process in a group of its own, so that its own children end with it."""

    def __init__(self, transport: asyncio.SubprocessTransport, watch: _Watch) -> None:
        self._transport = transport
        self._watch = watch

    @classmethod
    async def spawn(cls, argv: tuple[str, ...], fd: int, on_line: OnLine) -> "ChildProcess":
        """Start `argv` with the descriptor `fd` open in it. Raises OSError."""
        transport, watch = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Watch(on_line),
            *argv,
            stdin=asyncio.subprocess.PIPE,  # its end tells the child that we are gone
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(fd,),
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        return cls(transport, watch)

    @property
    def pid(self) -> int:
        return self._transport.get_pid()

    async def wait(self) -> int:
        """Its exit code, once it has ended; negative for a signal."""
        await self._watch.exited.wait()
        code = self._transport.get_returncode()
        return 0 if code is None else code

    async def end(self) -> None:
        """SIGTERM, then SIGKILL; returns when neither it, its children nor a pipe is left."""
        try:
            if not self._watch.exited.is_set():
                self._transport.terminate()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._watch.exited.wait(), _GRACE_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._watch.closed.wait(), _DRAIN_S)
            finally:
                self._transport.close()
