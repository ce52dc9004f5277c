"""Serve until told to stop, and then let calls end."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import web

from rtcserver import trace
from rtcserver.config import Server, Settings, WebRtc
from rtcserver.errors import ConfigError, ProtocolError
from rtcserver.server import settle
from rtcserver.server.app import make_app
from rtcserver.server.arrival import announce
from rtcserver.server.auth import KeyRing
from rtcserver.server.context import Probe
from rtcserver.server.tls import Tls, tls
from rtcserver.server.wiring import wire_services
from rtcserver.session.lobby import Lobby
from rtcserver.transports.webrtc.warm_up import warm_up

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BACKLOG = 512

_log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Returns after SIGINT or SIGTERM; a second one does not wait. Raises ConfigError."""
    # It tells every pair of candidates, addresses of callers included.
    logging.getLogger("aioice").setLevel(logging.WARNING)
    settle.begin()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _stop_once, stop)
    limit = asyncio.timeout(None)
    try:
        async with limit, _traced(settings.log.events_file), serving(settings) as url:
            settle.settle()
            _log.info(f"listening on {url}")
            if KeyRing(settings.server).open:
                _log.warning("no API key is asked for: all programs of this machine may call")
            await stop.wait()
            _log.info("stopping")
            limit.reschedule(loop.time() + 2 * settings.server.shutdown_s)
    except TimeoutError:
        if not limit.expired():
            raise
        _log.warning("not everything ended in time")


@asynccontextmanager
async def _traced(events_file: str) -> AsyncIterator[None]:
    """Raises ConfigError."""
    if not events_file:
        yield
        return
    _log.warning("what people say is being written down", file=events_file)
    with trace.into(Path(events_file)):
        yield


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
    KeyRing(settings.server)
    secured = await asyncio.to_thread(tls, settings.server)
    # The door is built first, since both may fail; who comes early waits in its backlog.
    with _door(settings.server) as door:
        async with wire_services(settings) as wired:
            lobby = Lobby(settings, wired.services)
            app = make_app(settings, lobby, wired.probes)
            await _warm_up(settings.webrtc)
            async with (
                _running(app, settings.server) as runner,
                lobby,
                _open(runner, door, secured),
                _announced(wired.probes),
            ):
                yield _url(door, secured)


@asynccontextmanager
async def _announced(probes: Mapping[str, Probe]) -> AsyncIterator[None]:
    """The door does not wait for the services: a call can say itself which one is missing."""
    announcing = asyncio.create_task(announce(probes), name="announce")
    try:
        yield
    finally:
        announcing.cancel()
        await asyncio.wait([announcing])


def _url(door: socket.socket, secured: Tls | None) -> str:
    host, port = door.getsockname()[:2]
    scheme = "https" if secured else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _door(settings: Server) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        address = (settings.host, settings.port)
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as exc:
        why = str(exc.strerror).partition(" (")[0]  # socket adds the address again
        if exc.errno == errno.EADDRINUSE:
            why += "; stop the program that has it, or choose another --port"
        message = f"server.host, server.port = {settings.host}, {settings.port}: {why}"
        raise ConfigError(message) from exc


@asynccontextmanager
async def _running(app: web.Application, settings: Server) -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=settings.shutdown_s)
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _open(
    runner: web.AppRunner, door: socket.socket, secured: Tls | None
) -> AsyncIterator[None]:
    site = web.SockSite(runner, door, ssl_context=secured.context if secured else None)
    await site.start()
    if secured:
        _log.info(f"certificate {secured.certificate}, SHA-256 {secured.fingerprint}")
    try:
        yield
    finally:
        await site.stop()


async def _warm_up(settings: WebRtc) -> None:
    try:
        await warm_up(settings)
    except (TimeoutError, ProtocolError) as exc:
        _log.warning("no WebRTC call can be made on this machine", why=str(exc) or "timed out")
