"""Serve Kyutai's speech-to-text protocol from an engine of this machine.

`python -m rtcserver.local.stt_server --fd N [--engine auto] [--model base.en] [--slots 16]`
"""

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import count

from aiohttp import web

from rtcserver.errors import CapacityError, ConfigError, ProtocolError, ServiceUnavailable
from rtcserver.local import kyutai_wire as wire
from rtcserver.local.child import run_child
from rtcserver.local.heartbeat import Heartbeat
from rtcserver.local.slots import Slots
from rtcserver.local.stream import Stream
from rtcserver.local.stt_call import Call
from rtcserver.local.stt_engines import Engine, choose
from rtcserver.local.stt_link import DecoderLink
from rtcserver.local.supervisor import Supervisor

_PATH = "/api/asr-streaming"
_PONG_LIMIT_S = 20.0
_DATA_LIMIT_S = 120.0
_MAX_MESSAGE_BYTES = 2**20  # 2 s of audio are 240 KB

_LOAD_LIMIT_S, _RETRY_S = 60.0, 0.1  # a large model is read and tried for tens of seconds

_log = logging.getLogger(__name__)


class SttServer:
    """Takes callers while slots last. "batched_asr" tells clients to flush by Marker."""

    def __init__(self, engine: Engine, slots: int) -> None:
        self._engine = engine
        self._slots = Slots("batched_asr", _PATH, slots, engine.label)
        self._steps = count()
        self._decoders_url = ""

    def app(self) -> web.Application:
        app = web.Application()
        self._slots.add_routes(app)
        app.router.add_get(_PATH, self._listen)
        app.cleanup_ctx.append(self._decoders)
        return app

    async def _decoders(self, app: web.Application) -> AsyncIterator[None]:
        async with Supervisor() as supervisor:
            self._decoders_url = await supervisor.start(self._engine.decoders)
            link = DecoderLink(self._decoders_url)
            await loaded(link.connect, partial(supervisor.failure, self._engine.decoders.name))
            link.close()
            yield

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        heartbeat = Heartbeat(pong_limit_s=_PONG_LIMIT_S, data_limit_s=_DATA_LIMIT_S)
        stream = Stream(heartbeat, _MAX_MESSAGE_BYTES)
        response = await stream.open(request)
        try:
            with self._slots.take():
                await self._serve(stream)
        except (CapacityError, ProtocolError, ServiceUnavailable) as exc:
            await stream.close(wire.error(str(exc)))
        else:
            await stream.close()
        return response

    async def _serve(self, stream: Stream) -> None:
        """Raises ServiceUnavailable, ProtocolError."""
        link = DecoderLink(self._decoders_url)
        try:
            await link.connect()
            await Call(stream, link, self._engine, self._steps).run()
        finally:
            link.close()


async def loaded(connect: Callable[[], Awaitable[None]], failure: Callable[[], str]) -> None:
    """Who finds the door open is heard at once: wait until decoders can be had.

    Raises ConfigError if there never will be any. After a minute the door opens all the same, and
    callers are told so."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOAD_LIMIT_S):
            while True:
                try:
                    return await connect()
                except ServiceUnavailable:
                    if why := failure():
                        raise ConfigError(why) from None
                await asyncio.sleep(_RETRY_S)


async def make_app(args: argparse.Namespace) -> web.Application:
    """Raises ConfigError without the engine that was asked for."""
    engine = choose(args.engine, args.model, args.language)
    _log.info("speech is recognised by %s%s", engine.label, f"; {engine.why}" if engine.why else "")
    return SttServer(engine, args.slots).app()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--engine", choices=("auto", "whisper", "pocketsphinx"), default="auto")
    options.add_argument("--model", default="base.en", help="of Whisper: a folder or a name")
    options.add_argument("--language", default="", help="that Whisper hears; empty finds out")
    options.add_argument("--slots", type=int, default=16, help="callers heard at once")
    run_child(make_app, options)
