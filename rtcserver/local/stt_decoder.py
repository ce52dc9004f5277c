"""The connection to one decoding process."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Self

import structlog

from rtcserver.local.stt_worker_wire import (
    LENGTH,
    RATE_HZ,
    End,
    Feed,
    Heard,
    Hello,
    pack,
    reports,
)

_OPEN_LIMIT_S = 10.0  # the first caller waits for the model to be loaded
_PROGRESS_LIMIT_S = 10.0  # who owes final words and reports nothing for so long hangs
_BEHIND_LIMIT = 20 * 2 * RATE_HZ  # bytes: 20 s behind, further audio is dropped

_log = structlog.get_logger()


class Decoder:
    """Orders go out at once and never wait; what is on its way is bounded by `behind`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._pid = 0
        self._given = 0
        self._taken = 0
        self._dropped = 0
        self._owed: int | None = None
        self._limit: asyncio.Timeout | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        """Have a process forked. Raises OSError, EOFError or TimeoutError."""
        async with asyncio.timeout(_OPEN_LIMIT_S):
            decoder = cls(*await asyncio.open_connection(host, port))
            try:
                hello = await decoder._message()
                assert isinstance(hello, Hello)
                decoder._pid = hello.pid
            except BaseException:
                decoder.close()
                raise
        return decoder

    @property
    def behind(self) -> int:
        """Bytes of audio given but not decoded yet."""
        return self._given - self._taken

    def feed(self, pcm: bytes, start_s: float) -> None:
        """Hand over audio; drop it, if decoding is far behind."""
        if self.behind > _BEHIND_LIMIT:
            self._dropped += len(pcm)
        elif not self._writer.is_closing():
            self._given += len(pcm)
            self._writer.write(pack(Feed(pcm, start_s)))

    def end(self, number: int) -> None:
        """Ask for the final words of utterance `number`."""
        if not self._writer.is_closing():
            self._writer.write(pack(End(number)))
        self._owed = number
        if self._dropped:
            _log.warning("decoder is far behind", dropped_s=self._dropped / 2 / RATE_HZ)
            self._dropped = 0
        if self._limit:
            self._limit.reschedule(self._progress_due())

    async def read(self) -> Heard:
        """The next report. Raises OSError or EOFError once it has crashed; if it hangs, it is
        killed and TimeoutError raised."""
        try:
            async with asyncio.timeout_at(self._progress_due()) as self._limit:
                heard = await self._message()
        except TimeoutError:
            self._kill()
            raise
        finally:
            self._limit = None
        assert isinstance(heard, Heard)
        self._taken = heard.taken
        if heard.final == self._owed:
            self._owed = None
        return heard

    def close(self) -> None:
        """Let it go at once; the process ends when it notices."""
        self._writer.transport.abort()

    async def _message(self) -> Hello | Heard:
        (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
        return reports.decode(await self._reader.readexactly(length))

    def _progress_due(self) -> float | None:
        """When, on the loop's clock, to give it up if it has not reported by then."""
        if self._owed is None:
            return None
        return asyncio.get_running_loop().time() + _PROGRESS_LIMIT_S

    def _kill(self) -> None:
        # The pid is still its own: had it ended, the connection would have too.
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
