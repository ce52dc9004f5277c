"""The whole web application on a real socket, with scripted services behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from aiohttp import ClientResponse, ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from yarl import URL

from rtcserver.config import Server, Settings
from rtcserver.server.app import make_app
from rtcserver.services.llm.scripted import Reply, ScriptedChat
from rtcserver.services.probing import Vitals
from rtcserver.services.standing import Load
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.services.tools.base import ToolShelf
from rtcserver.services.tools.scripted import ScriptedTools
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.services.vad.scripted import ScriptedVad
from rtcserver.session.lobby import Lobby
from rtcserver.session.services import Services
from rtcserver.turns.hearing import Word
from tests.loopback.caller import LIMIT_S, Caller

CALLS = "/v1/realtime/calls"
SDP = {"Content-Type": "application/sdp"}
KEYED = Settings(server=Server(api_keys=(SecretStr("secret"),)))
KEY = {"Authorization": "Bearer secret"}


@dataclass
class Door:
    http: ClientSession
    url: URL
    app: web.Application
    lobby: Lobby
    chat: ScriptedChat
    transcribers: ScriptedTranscribers

    async def answer(self, caller: Caller, query: str = "") -> tuple[str, str]:
        """Offer and answer as raw SDP; the answer and the path of the call."""
        offer = await caller.offer()
        async with self.http.post(CALLS + query, data=offer, headers=SDP) as response:
            assert response.status == 201, await response.text()
            return await response.text(), response.headers["Location"]

    async def call(self, caller: Caller, query: str = "") -> str:
        """Call, and wait until events can flow; returns the path of the call."""
        answer, location = await self.answer(caller, query)
        await caller.connect(answer)
        return location


async def until(condition: Callable[[], bool]) -> None:
    """For what nothing tells from outside."""
    async with asyncio.timeout(LIMIT_S):
        for _ in iter(condition, True):
            await asyncio.sleep(0.01)


async def until_calls(door: Door, count: int) -> None:
    await until(lambda: door.lobby.active == count)


class Probed(Protocol):
    async def probe(self) -> float: ...


async def vitals_of(service: Probed) -> Vitals:
    return Vitals(await service.probe(), "http://secret:1/v1", Load(1, 32))


@asynccontextmanager
async def open_door(
    settings: Settings | None = None,
    replies: Sequence[Reply] = ("One two three four five.",),
    *,
    speech: Sequence[tuple[float, float]] = (),
    words: Sequence[Word] = (),
    port: int | None = None,
    tools: ToolShelf | None = None,
) -> AsyncIterator[Door]:
    """Callers speak at `speech` and say `words`, in seconds of their audio, whatever they send."""
    settings = settings or Settings()
    chat = ScriptedChat(replies, first_token_s=0.01)
    transcribers, synthesizer = ScriptedTranscribers(words), ScriptedSynthesizer()
    services = Services(
        transcribers, chat, synthesizer, lambda: ScriptedVad(speech), tools or ScriptedTools({})
    )
    lobby = Lobby(settings, services)
    factories: dict[str, Probed] = {"stt": transcribers, "llm": chat, "tts": synthesizer}
    probes = {name: partial(vitals_of, service) for name, service in factories.items()}
    app = make_app(settings, lobby, probes)
    async with (
        TestServer(app, port=port) as server,
        # Connections that are kept alive would look like leaks.
        ClientSession(server.make_url("/"), connector=TCPConnector(force_close=True)) as http,
        lobby,
    ):
        yield Door(http, server.make_url("/"), app, lobby, chat, transcribers)


async def error_of(response: ClientResponse) -> dict[str, str | None]:
    """The error of an answer, which has to have OpenAI's shape."""
    assert response.content_type == "application/json"
    body = await response.json()
    assert set(body) == {"error"}
    error: dict[str, str | None] = body["error"]
    assert set(error) == {"type", "code", "message", "param"}
    return error
