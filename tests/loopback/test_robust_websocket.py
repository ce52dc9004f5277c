"""What no honest client sends: a typed error, or a close with the code that says why."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from rtcserver.config import Session, Settings
from tests.loopback.door import open_door, until_calls
from tests.loopback.leaks import nothing_left
from tests.loopback.raw import BINARY, LIMIT_S, TEXT, frame, raw_websocket

REALTIME = "/v1/realtime"
IMPATIENT = Settings(session=Session(idle_reap_s=0.3))


async def error(ws: ClientWebSocketResponse) -> dict[str, Any]:
    """The next one."""
    async with asyncio.timeout(LIMIT_S):
        while (event := await ws.receive_json())["type"] != "error":
            pass
    found: dict[str, Any] = event["error"]
    return found


@pytest.mark.parametrize(
    ("text", "code", "param", "event_id"),
    [
        ("{", "invalid_json", None, None),
        ("", "invalid_json", None, None),
        ("[" * 100_000, "invalid_event", None, None),
        ('{"type": "no.such", "x": ' + "[" * 100_000, "invalid_json", None, None),
        ("null", "invalid_event", None, None),
        ("{}", "invalid_value", "type", None),
        ('{"type": 7, "event_id": "mine"}', "invalid_value", "type", "mine"),
        ('{"type": "no.such", "event_id": "mine"}', "invalid_value", "type", "mine"),
        ('{"type": "no.such", "event_id": 7}', "invalid_value", "type", None),
        (
            '{"type": "conversation.item.delete", "event_id": "mine"}',
            "missing_required_parameter",
            "item_id",
            "mine",
        ),
        (
            '{"type": "input_audio_buffer.append", "audio": "?", "event_id": "mine"}',
            "invalid_value",
            "audio",
            "mine",
        ),
        (
            '{"type": "session.update", "event_id": "mine", "session": {"type": "realtime",'
            ' "audio": {"output": {"speed": "fast"}}}}',
            "invalid_value",
            "session.audio.output.speed",
            "mine",
        ),
    ],
)
async def test_an_event_that_is_wrong_is_answered_by_what_is_wrong(
    text: str, code: str, param: str | None, event_id: str | None
) -> None:
    async with open_door() as door, door.http.ws_connect(REALTIME) as ws:
        await ws.send_str(text)
        found = await error(ws)
        assert (found["code"], found["param"], found["event_id"]) == (code, param, event_id)
        assert found["type"] == "invalid_request_error"
        await ws.send_json({"type": "session.update", "session": {"type": "realtime"}})
        assert (await ws.receive_json(timeout=5))["type"] == "session.updated"


async def test_ten_thousand_events_at_once_are_all_answered() -> None:
    async with nothing_left(), open_door() as door, door.http.ws_connect(REALTIME) as ws:

        async def burst() -> None:
            for number in range(10_000):
                await ws.send_str(json.dumps({"type": "no.such", "event_id": f"e{number}"}))

        sending = asyncio.create_task(burst())
        answered = [(await error(ws))["event_id"] for _ in range(10_000)]
        await sending
        assert answered == [f"e{number}" for number in range(10_000)]


async def test_ten_megabytes_of_audio_are_an_event_like_any_other() -> None:
    async with open_door() as door, door.http.ws_connect(REALTIME) as ws:
        audio = {"type": "input_audio_buffer.append", "audio": "AAAA" * (10 * 2**18)}
        await ws.send_json(audio)
        await ws.send_json({"type": "input_audio_buffer.clear"})
        async with asyncio.timeout(LIMIT_S):
            while (await ws.receive_json())["type"] != "input_audio_buffer.cleared":
                pass


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (frame(b"", length=17 * 2**20), 1009),  # before a byte of it is read
        (frame(b"\xff\xfe"), 1007),
        (frame(b"", opcode=5), 1002),
        (b"\xf1\x80\x00\x00\x00\x00", 1002),  # reserved bits
        (frame(b"x" * 126, opcode=9), 1002),  # RFC 6455 5.5: a ping holds 125 bytes
    ],
)
async def test_a_frame_that_is_wrong_ends_the_call_with_the_code_for_it(
    wrong: bytes, code: int
) -> None:
    async with nothing_left(), open_door() as door:
        other = await door.http.ws_connect(REALTIME)
        socket = await raw_websocket(door.url, REALTIME)
        await socket.send(wrong)
        assert await socket.close_code() == code
        socket.abandon()
        await until_calls(door, 1)
        await is_served(other)


async def test_binary_frames_are_answered_by_errors() -> None:
    async with open_door() as door:
        socket = await raw_websocket(door.url, REALTIME)
        await socket.send(frame(b"\x00" * 2**20, BINARY), frame(b'{"type": "no.such"}'))
        told: list[str] = []
        while len(told) < 2:
            opcode, payload = await socket.receive()
            event = json.loads(payload) if opcode == TEXT else {}
            told += [event["error"]["code"]] if event.get("type") == "error" else []
        assert told == ["invalid_event", "invalid_value"]
        socket.abandon()


@pytest.mark.parametrize("last", [b"", frame(b'{"type"', length=2**20), b"\x81"])
async def test_a_peer_that_is_gone_is_noticed(last: bytes) -> None:
    """Its machine lost power: no FIN comes, and no pong."""
    async with nothing_left(), open_door(IMPATIENT) as door:
        socket = await raw_websocket(door.url, REALTIME)
        await socket.send(last)
        await until_calls(door, 1)
        await until_calls(door, 0)
        socket.abandon()


async def is_served(ws: ClientWebSocketResponse) -> None:
    await ws.send_json({"type": "session.update", "session": {"type": "realtime"}})
    async with asyncio.timeout(LIMIT_S):
        while True:
            message = await ws.receive()
            assert message.type is WSMsgType.TEXT
            if json.loads(message.data)["type"] == "session.updated":
                return
