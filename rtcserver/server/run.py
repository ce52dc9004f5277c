"""Serve until told to stop, and then let calls end."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from rtcserver.config import Server, Settings, WebRtc
from rtcserver.errors import ConfigError, ProtocolError
from rtcserver.server.app import make_app
from rtcserver.server.auth import KeyRing
from rtcserver.server.wiring import wire_services
from rtcserver.session.lobby import Lobby
from rtcserver.transports.webrtc.warm_up import warm_up

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BACKLOG = 512

_log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Returns after SIGINT or SIGTERM; a second one does not wait. Raises ConfigError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _stop_once, stop)
    async with asyncio.timeout(None) as limit, serving(settings) as url:
        _log.info(f"listening on {url}")
        await stop.wait()
        _log.info("stopping")
        limit.reschedule(loop.time() + 2 * settings.server.shutdown_s)


def _stop_once(stop: asyncio.Event) -> None:
    stop.set()
    for number in _SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """The whole server, from the first child to the open door; gives its base URL.

    It ends in the order in which a caller would want it: no new calls, then calls, then
    connections, then services. Raises ConfigError.
    """
    KeyRing(settings.server)  # fails before anything is started
    async with wire_services(settings) as wired:
        lobby = Lobby(wired.settings, wired.services)
        app = make_app(wired.settings, lobby, wired.probes)
        await _warm_up(settings.webrtc)
        door = settings.server
        async with _running(app, door) as runner, lobby, _listening(runner, door) as url:
            yield url


@asynccontextmanager
async def _running(app: web.Application, settings: Server) -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=settings.shutdown_s)
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _listening(runner: web.AppRunner, settings: Server) -> AsyncIterator[str]:
    """Open the door; raises ConfigError if it cannot be opened."""
    try:
        site = web.TCPSite(runner, settings.host, settings.port, backlog=_BACKLOG)
        await site.start()
    except (OSError, socket.gaierror) as exc:
        message = f"server.host, server.port = {settings.host}, {settings.port}: {exc}"
        raise ConfigError(message) from exc
    try:
        port = runner.addresses[0][1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        yield f"http://{host}:{port}"
    finally:
        await site.stop()


async def _warm_up(settings: WebRtc) -> None:
    try:
        await warm_up(settings)
    except (TimeoutError, ProtocolError) as exc:
        _log.warning("no WebRTC call can be made on this machine", why=str(exc) or "timed out")
