"""Hear all callers with one Whisper model, which they share.

`python -m rtcserver.local.whisper_decoders --fd N --model FOLDER [--language en]`: a connection
to the socket is a caller, and speaks what rtcserver/local/stt_worker_wire.py says.
"""

import argparse
import asyncio
import logging
import os
import socket
from pathlib import Path

from rtcserver.local.child import run_program
from rtcserver.local.engines.whisper import Whisper
from rtcserver.local.whisper_caller import Caller
from rtcserver.local.whisper_line import ON_GPU, Policy
from rtcserver.local.whisper_pace import pass_s
from rtcserver.local.whisper_passes import Passes

_MOST_LANES = 8  # each costs 35 MB of the smallest model, and more of larger ones
_POLITENESS = 5  # of `nice`: whoever carries sound goes first where cores are few
_SLOW_S = 1.0  # of a pass: then the last words of an utterance come late

_log = logging.getLogger(__name__)


class Decoders:
    """Callers as they come, until it is told to stop."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes
        self._callers: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._welcome, sock=listener)
        async with server:
            await stop.wait()

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A task of our own: one that asyncio makes complains when it is cancelled."""
        task = asyncio.create_task(self._hear(reader, writer), name="caller")
        self._callers.add(task)
        task.add_done_callback(self._callers.discard)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Caller(reader, writer, self._passes).run()
        except* OSError:
            pass  # the caller's side is gone
        except* Exception as failure:
            _log.exception("a caller was lost", exc_info=failure)
        finally:
            writer.transport.abort()


async def _main(args: argparse.Namespace, listener: socket.socket, stop: asyncio.Event) -> None:
    """Raises ConfigError."""
    os.nice(_POLITENESS)
    cores = len(os.sched_getaffinity(0))
    lanes = min(cores, _MOST_LANES)
    model = Whisper(args.model, args.language, lanes, threads=max(1, cores // lanes))
    took_s = pass_s(model.practise, str(args.model))
    device = "GPU" if model.on_gpu else f"CPU, {lanes} passes at once"
    level = logging.WARNING if took_s > _SLOW_S else logging.INFO
    _log.log(level, "whisper: %s on the %s; a pass takes %.2f s", args.model, device, took_s)
    policy = ON_GPU if model.on_gpu else Policy(lanes)
    await Decoders(Passes(model, policy)).serve(listener, stop)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, required=True, help="folder of the model")
    options.add_argument("--language", default="", help="empty finds out")
    run_program(_main, options)
