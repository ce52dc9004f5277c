"""A child for the supervisor's tests: tells its pid, and misbehaves on request."""

import argparse
import os
import signal
import subprocess

from aiohttp import web

from rtcserver.errors import ConfigError
from rtcserver.local.child import run_child


async def tell_pid(request: web.Request) -> web.Response:
    return web.Response(text=str(os.getpid()))


async def crash(request: web.Request) -> web.Response:
    os._exit(3)


def start_grandchild() -> None:
    print("grandchild", subprocess.Popen(["sleep", "600"]).pid, flush=True)  # noqa: T201


async def make_app(args: argparse.Namespace) -> web.Application:
    match args.mode:
        case "unable":
            raise ConfigError("no engine here: pip install 'engine'")
        case "stubborn":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        case "parent":
            start_grandchild()
    app = web.Application()
    app.router.add_get("/", tell_pid)
    app.router.add_post("/crash", crash)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", default="good")
    run_child(make_app, parser)
