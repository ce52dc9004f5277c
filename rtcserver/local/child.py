"""Run a program as a child process: on an inherited socket, until the parent lets go."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

from rtcserver.errors import ConfigError

MakeApp = Callable[[argparse.Namespace], Awaitable[web.Application]]
Program = Callable[[argparse.Namespace, socket.socket, asyncio.Event], Awaitable[None]]

EXIT_CONFIG = 2
"""What cannot work on this machine; starting again would not help. Also argparse's own code."""

_SHUTDOWN_S = 1.0  # what open streams get to end in; the supervisor kills after 2 s


def run_child(make_app: MakeApp, parser: argparse.ArgumentParser) -> None:
    """Parse the command line, serve the app on the listening socket, and never return.

    A ConfigError of `make_app` becomes one line on stderr and exit code 2.
    """

    async def serve(args: argparse.Namespace, listener: socket.socket, stop: asyncio.Event) -> None:
        runner = web.AppRunner(await make_app(args), access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            await stop.wait()
        finally:
            await runner.cleanup()

    run_program(serve, parser)


def run_program(program: Program, parser: argparse.ArgumentParser) -> None:
    """Parse the command line, run `program` with the listening socket `--fd`, and never return.

    It is to end when `stop` is set: at SIGTERM, or when stdin reaches its end because the parent is
    gone. Its ConfigError becomes one line on stderr and exit code 2.
    """
    parser.add_argument("--fd", type=int, required=True, help="inherited listening socket")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        asyncio.run(_run(program, args))
    except ConfigError as exc:
        sys.exit(_one_line(exc))
    sys.exit(0)


def _one_line(exc: ConfigError) -> int:
    sys.stderr.write(" ".join(str(exc).split()) + "\n")
    return EXIT_CONFIG


async def _run(program: Program, args: argparse.Namespace) -> None:
    stop = asyncio.Event()
    _stop_with_the_parent(stop)
    await program(args, socket.socket(fileno=args.fd), stop)


def _stop_with_the_parent(stop: asyncio.Event) -> None:
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def readable() -> None:
        if not os.read(stdin, 4_096):
            loop.remove_reader(stdin)
            stop.set()

    loop.add_reader(stdin, readable)
