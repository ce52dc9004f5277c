"""Serve Kyutai's text-to-speech protocol from an engine on this machine.

`python -m rtcserver.local.tts_server --fd N [--engine auto] [--which slt] [--slots 32]`
"""

import argparse
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from rtcserver.errors import CapacityError, ProtocolError
from rtcserver.local import kyutai_wire as wire
from rtcserver.local.child import run_child
from rtcserver.local.engines.base import SpeechEngine
from rtcserver.local.engines.speaking import NAMES, make_engine
from rtcserver.local.heartbeat import Heartbeat
from rtcserver.local.slots import Slots
from rtcserver.local.stream import Stream
from rtcserver.local.tts_call import Response
from rtcserver.local.tts_narrator import Narrator

_PATH = "/api/tts_streaming"
_FORMAT = "PcmMessagePack"
_PONG_LIMIT_S = 30.0
_MAX_MESSAGE_BYTES = 2**16

_log = logging.getLogger(__name__)


class TtsServer:
    """Takes responses while slots last. One thread speaks: engines are faster than many callers
    and not safe for two threads, and clauses are short, so that all get their turn."""

    def __init__(self, engine: SpeechEngine, voice: str, slots: int) -> None:
        self._engine = engine
        self._default = voice
        self._slots = Slots("py", _PATH, slots, engine.name)
        self._speaking = ThreadPoolExecutor(1, "speech")

    def app(self) -> web.Application:
        app = web.Application()
        self._slots.add_routes(app)
        app.router.add_get(_PATH, self._respond)
        app.cleanup_ctx.append(self._thread)
        return app

    async def _thread(self, app: web.Application) -> AsyncIterator[None]:
        warm_up = self._speaking.submit(self._engine.speak, ("hello",), self._default)
        try:
            yield
        finally:
            warm_up.cancel()
            self._speaking.shutdown(wait=False, cancel_futures=True)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("format") != _FORMAT:
            raise web.HTTPBadRequest(text=f"only format={_FORMAT} is served")
        stream = Stream(Heartbeat(pong_limit_s=_PONG_LIMIT_S), _MAX_MESSAGE_BYTES)
        response = await stream.open(request)
        try:
            with self._slots.take():
                narrator = Narrator(self._engine, self._voice(request.query.get("voice", "")))
                await Response(stream, narrator, self._speaking).run()
        except (CapacityError, ProtocolError, RuntimeError) as exc:
            await stream.close(wire.error(str(exc)))
        else:
            await stream.close()
        return response

    def _voice(self, wanted: str) -> str:
        """An unknown voice is the default one, as with Kyutai's server."""
        return wanted if wanted in self._engine.voices else self._default


async def make_app(args: argparse.Namespace) -> web.Application:
    engine, voice = make_engine(args.engine, args.which)
    _log.info("speaking with %s, voice %s", engine.name, voice)
    return TtsServer(engine, voice, args.slots).app()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--engine", choices=NAMES, default="auto")
    options.add_argument("--which", default="", help="voice of the engine, or file of its model")
    options.add_argument("--slots", type=int, default=32, help="responses spoken at once")
    run_child(make_app, options)
