"""RTVI as @pipecat-ai/small-webrtc-transport speaks it, with an aiortc peer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rtcserver.config import Server, Settings, WebRtc
from rtcserver.rtp.fragment import read_fragment
from tests.loopback.caller import Caller
from tests.loopback.door import KEYED, Door, error_of, open_door, until_calls
from tests.loopback.leaks import nothing_left

Json = dict[str, Any]


async def offer(door: Door, caller: Caller, path: str = "/api/offer", **more: Any) -> Json:
    """The answer to what the transport posts."""
    body = {"sdp": await caller.offer(), "type": "offer", "pc_id": None, "restart_pc": False}
    async with door.http.post(path, json=body | more) as response:
        assert response.status == 200, await response.text()
        answer: Json = await response.json()
    assert set(answer) == {"sdp", "type", "pc_id"}
    return answer


@asynccontextmanager
async def connected(door: Door, **more: Any) -> AsyncIterator[tuple[Caller, str]]:
    """A caller whose bot is ready, and its pc_id."""
    async with Caller(channel="chat") as caller:
        answer = await offer(door, caller, **more)
        await caller.connect(answer["sdp"])
        say(caller, "client-ready", {"version": "2.1.0", "about": {"library": "test"}})
        ready = await caller.event("bot-ready")
        assert (ready["id"], ready["data"]["version"]) == ("m1", "2.1.0")
        yield caller, answer["pc_id"]


def say(caller: Caller, kind: str, data: object) -> None:
    caller.say({"label": "rtvi-ai", "type": kind, "id": "m1", "data": data})


async def test_a_text_is_answered_in_writing_and_by_voice() -> None:
    async with open_door() as door, connected(door) as (caller, _):
        say(caller, "send-text", {"content": "Hello.", "options": {}})
        await caller.event("bot-llm-started")
        output = (await caller.event("bot-output"))["data"]
        assert (output["text"], output["spoken_status"]) == ("One two three four five.", "new")
        await caller.event("bot-started-speaking")
        await caller.event("bot-stopped-speaking")
        assert caller.sound().any()


async def test_the_application_sets_the_session_with_its_offer() -> None:
    data = {"session": {"type": "realtime", "instructions": "Be a pirate."}}
    async with open_door() as door, connected(door, requestData=data) as (caller, _):
        say(caller, "send-text", {"content": "Hello."})
        await caller.event("bot-llm-stopped")
        assert "Be a pirate." in door.chat.requests[0].messages[0]["content"]


async def test_a_bot_that_is_sent_away_ends_the_call_and_leaves_nothing() -> None:
    async with open_door() as door:
        async with connected(door) as (caller, _):
            say(caller, "disconnect-bot", {})
        await until_calls(door, 0)
        async with nothing_left(), connected(door) as (caller, _):
            say(caller, "disconnect-bot", {})
            assert (await caller.event("signalling"))["message"] == {"type": "peerLeft"}
            await until_calls(door, 0)


async def test_candidates_may_come_later() -> None:
    async with open_door() as door, connected(door) as (caller, pc_id):
        candidate = "candidate:1 1 udp 2122260223 192.0.2.99 61764 typ host generation 0"
        found = [
            {"candidate": text, "sdp_mid": "0", "sdp_mline_index": 0} for text in (candidate, "")
        ]
        body = {"pc_id": pc_id, "candidates": found}
        async with door.http.patch("/api/offer", json=body) as response:
            assert response.status == 200
        async with door.http.patch("/api/offer", json=body | {"pc_id": "rtc_1"}) as response:
            assert response.status == 404
            await error_of(response)
        say(caller, "send-text", {"content": "Hello."})
        await caller.event("bot-started-speaking")


async def test_offering_again_with_more_candidates_gets_the_same_answer() -> None:
    async with open_door() as door, Caller(channel="chat") as caller:
        first = await offer(door, caller)
        again = await offer(door, caller, pc_id=first["pc_id"])
        assert again == first
        assert door.lobby.active == 1


async def test_another_ice_session_needs_a_restart() -> None:
    async with (
        open_door() as door,
        Caller(channel="chat") as caller,
        Caller(channel="chat") as other,
    ):
        first = await offer(door, caller)
        sdp = await other.offer()
        assert read_fragment(sdp).ufrag != read_fragment(await caller.offer()).ufrag
        body = {"sdp": sdp, "type": "offer", "pc_id": first["pc_id"], "restart_pc": False}
        async with door.http.post("/api/offer", json=body) as response:
            assert response.status == 422
            await error_of(response)


async def test_a_client_that_restarts_takes_the_place_of_its_lost_call() -> None:
    settings = Settings(server=Server(max_calls_per_client=1))
    async with (
        open_door(settings) as door,
        connected(door) as (_, lost),
        connected(door, pc_id=lost, restart_pc=True) as (_, pc_id),
    ):
        assert pc_id != lost
        assert not door.lobby.has(lost)


async def test_starting_a_bot_leads_to_the_same_door() -> None:
    stun = Settings(webrtc=WebRtc(stun_urls=("stun:192.0.2.53:3478",)))
    async with open_door(stun) as door, Caller(channel="chat") as caller:
        async with door.http.post("/start", json={"body": {}}) as response:
            assert response.status == 200
            started = await response.json()
        assert started["iceConfig"] == {"iceServers": [{"urls": ["stun:192.0.2.53:3478"]}]}
        path = f"/sessions/{started['sessionId']}/api/offer"
        await offer(door, caller, path)
        assert door.lobby.active == 1


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ("{", None),
        ("[]", None),
        ("{}", "sdp"),
        ('{"sdp": "garbage", "type": "offer"}', "sdp"),
        ('{"sdp": "v=0", "type": "answer"}', "type"),
        ('{"sdp": "v=0", "requestData": {"session": {"type": "realtime", "tools": 1}}}', "session"),
    ],
)
async def test_what_is_no_offer_is_refused_once_and_for_all(body: str, param: str | None) -> None:
    """By a 4xx: after any other status the transport tries again."""
    async with open_door() as door, door.http.post("/api/offer", data=body) as response:
        assert response.status == 400
        error = await error_of(response)
        assert (error["param"] or "").startswith(param or "")
        assert door.lobby.active == 0


@pytest.mark.parametrize("path", ["/start", "/api/offer", "/sessions/sess_1/api/offer"])
async def test_a_key_is_asked_for_as_everywhere(path: str) -> None:
    async with open_door(KEYED) as door, door.http.post(path, json={}) as response:
        assert response.status == 401


async def test_what_is_said_on_the_channel_is_bounded() -> None:
    settings = Settings.model_validate({"session": {"max_event_bytes": 1_024}})
    async with open_door(settings) as door, connected(door) as (caller, _):
        assert caller.channel
        caller.channel.send(json.dumps({"label": "rtvi-ai", "type": "x", "data": "y" * 1_024}))
        await until_calls(door, 0)
