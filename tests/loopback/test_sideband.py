"""A second connection to a call: it is told what the caller is told, and may speak too."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from websockets.asyncio.client import connect

from rtcserver.config import Server, Settings
from tests.loopback.caller import LIMIT_S, Caller
from tests.loopback.door import CALLS, KEY, KEYED, SDP, error_of, open_door
from tests.loopback.leaks import nothing_left
from tests.loopback.raw import raw_websocket

REALTIME = "/v1/realtime"


def to(location: str) -> str:
    """Where the sideband of a call is, whose Location this is."""
    return f"{REALTIME}?call_id={location.rpartition('/')[2]}"


async def event(ws: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next one of this type."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            found: dict[str, Any] = await ws.receive_json()
            if found["type"] == kind:
                return found


async def close_code(ws: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(LIMIT_S):
        while (await ws.receive()).type is WSMsgType.TEXT:
            pass
    return ws.close_code


async def test_it_begins_with_the_session_as_it_is_now_and_hears_what_the_caller_is_told() -> None:
    async with nothing_left(), open_door() as door, Caller() as caller:
        location = await door.call(caller)
        pirate = {"type": "realtime", "instructions": "Be a pirate."}
        caller.say({"type": "session.update", "session": pirate})
        await caller.event("session.updated")
        async with door.http.ws_connect(to(location)) as ws:
            first = await ws.receive_json(timeout=5)
            assert first["type"] == "session.created"
            assert first["session"]["instructions"] == "Be a pirate."
            caller.say({"type": "response.create"})
            ours = await event(ws, "response.done")
            theirs = await caller.event("response.done")
            assert ours == theirs  # the id too


async def test_it_may_change_the_session_and_answer_for_the_caller() -> None:
    async with open_door() as door, Caller() as caller:
        location = await door.call(caller)
        async with door.http.ws_connect(to(location)) as ws:
            pirate = {"type": "realtime", "instructions": "Be a pirate."}
            await ws.send_json({"type": "session.update", "session": pirate})
            told = await caller.event("session.updated")
            assert told["session"]["instructions"] == "Be a pirate."
            await ws.send_json({"type": "response.create"})
            await caller.event("output_audio_buffer.stopped")
            assert caller.sound().any()


async def test_a_call_by_websocket_gives_it_everything_but_the_sound() -> None:
    async with open_door() as door:
        address = str(door.url.with_scheme("ws").with_path(REALTIME))
        async with connect(address) as caller:  # whose answer shows its headers
            assert caller.response
            location = caller.response.headers["Location"]
            async with door.http.ws_connect(to(location)) as ws:
                await caller.send('{"type": "response.create"}')
                kinds = set()
                while "response.done" not in kinds:
                    kinds.add((await ws.receive_json(timeout=5))["type"])
            assert "response.output_audio_transcript.delta" in kinds
            assert "response.output_audio.delta" not in kinds
            told = set()
            while "response.done" not in told:
                told.add(json.loads(await asyncio.wait_for(caller.recv(), LIMIT_S))["type"])
            assert "response.output_audio.delta" in told


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"type": "input_audio_buffer.append", "audio": "AAAA", "event_id": "mine"}, "type"),
        ({"type": "no.such", "event_id": "mine"}, "type"),
        ({"type": "response.cancel", "event_id": "mine"}, None),
    ],
)
async def test_what_it_does_wrong_is_told_to_it_alone(
    wrong: dict[str, str], param: str | None
) -> None:
    async with open_door() as door, Caller() as caller:
        location = await door.call(caller)
        async with door.http.ws_connect(to(location)) as ws:
            await ws.send_json(wrong)
            error = (await event(ws, "error"))["error"]
            assert (error["event_id"], error["param"]) == ("mine", param)
            await ws.send_json({"type": "session.update", "session": {"type": "realtime"}})
            told = [await caller.told.get() for _ in range(2)]
            assert [each["type"] for each in told] == ["session.created", "session.updated"]


async def test_when_the_call_ends_it_ends() -> None:
    async with nothing_left(), open_door() as door, Caller() as caller:
        location = await door.call(caller)
        ws = await door.http.ws_connect(to(location))
        reading = asyncio.create_task(close_code(ws))
        async with door.http.post(f"{location}/hangup") as response:
            assert response.status == 200
        assert await reading == 1000


async def test_when_the_server_goes_it_is_told_to_come_back() -> None:
    async with open_door() as door, Caller() as caller:
        ws = await door.http.ws_connect(to(await door.call(caller)))
        reading = asyncio.create_task(close_code(ws))
        await door.lobby.__aexit__(None, None, None)
        assert await reading == 1012


async def test_when_it_leaves_the_call_goes_on() -> None:
    async with open_door() as door, Caller() as caller:
        location = await door.call(caller)
        async with door.http.ws_connect(to(location)) as ws:
            await event(ws, "session.created")
        caller.say({"type": "session.update", "session": {"type": "realtime"}})
        await caller.event("session.updated")


async def test_no_more_than_so_many_listen_to_a_call() -> None:
    async with open_door(Settings(server=Server(max_sidebands=1))) as door, Caller() as caller:
        location = await door.call(caller)
        async with (
            door.http.ws_connect(to(location)),
            door.http.get(to(location)) as response,
        ):
            assert response.status == 429
            assert response.headers["Retry-After"]
            await error_of(response)
        async with door.http.ws_connect(to(location)) as ws:
            await event(ws, "session.created")


async def test_one_that_does_not_read_loses_only_itself() -> None:
    async with open_door() as door, Caller() as caller:
        location = await door.call(caller)
        deaf = await raw_websocket(door.url, to(location))
        big = {"type": "realtime", "instructions": "x" * 60_000}
        async with door.http.ws_connect(to(location)) as ws:
            for _ in range(400):  # 24 MB: more than the kernel and the outbox hold for it
                caller.say({"type": "session.update", "session": big})
                await event(ws, "session.updated")
                await caller.event("session.updated")
        async with asyncio.timeout(LIMIT_S):
            with suppress(ConnectionError):
                while await deaf.reader.read(2**16):  # what the kernel held, and then its end
                    pass
        deaf.abandon()


async def test_a_client_secret_opens_sidebands_only_to_its_own_calls() -> None:
    async with open_door(KEYED) as door, Caller() as caller:
        tokens = []
        for _ in range(2):
            async with door.http.post(f"{REALTIME}/client_secrets", headers=KEY) as response:
                tokens.append({"Authorization": f"Bearer {(await response.json())['value']}"})
        offer = await caller.offer()
        async with door.http.post(CALLS, data=offer, headers=SDP | tokens[0]) as response:
            location = response.headers["Location"]
        for headers in (KEY, tokens[0]):
            async with door.http.ws_connect(to(location), headers=headers) as ws:
                await event(ws, "session.created")
        with pytest.raises(WSServerHandshakeError) as refused:
            await door.http.ws_connect(to(location), headers=tokens[1])
        assert refused.value.status == 404


@pytest.mark.parametrize("verb", ["accept", "reject", "refer"])
async def test_what_is_of_phone_calls_is_refused_by_name(verb: str) -> None:
    async with open_door() as door, Caller() as caller:
        location = await door.call(caller)
        for path, status, code in (
            (location, 400, "not_a_sip_call"),
            (f"{CALLS}/rtc_1", 404, "not_found"),
        ):
            async with door.http.post(f"{path}/{verb}", data=json.dumps({})) as response:
                assert response.status == status
                assert (await error_of(response))["code"] == code
