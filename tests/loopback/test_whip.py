"""WHIP as RFC 9725 has it, with an aiortc peer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from rtcserver.config import Settings, WebRtc
from rtcserver.rtp.fragment import read_fragment
from rtcserver.turns.hearing import Word
from tests import offers
from tests.loopback.caller import LIMIT_S, Caller
from tests.loopback.door import KEYED, SDP, Door, error_of, open_door, until, until_calls
from tests.loopback.leaks import nothing_left

STUN = Settings(webrtc=WebRtc(stun_urls=("stun:192.0.2.53:3478",)))
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
CANDIDATE = "1387637174 1 udp 2122260223 192.0.2.99 61764 typ host"


@asynccontextmanager
async def whip(door: Door, direction: str = "sendonly") -> AsyncIterator[tuple[Caller, str]]:
    """A caller who has connected, and the path of its session."""
    async with Caller(channel=None, direction=direction) as caller:
        offer = await caller.offer()
        async with door.http.post("/whip", data=offer, headers=SDP) as response:
            assert response.status == 201, await response.text()
            await caller.connect(await response.text())
            yield caller, response.headers["Location"]


async def test_a_session_is_created_with_its_place_its_tag_and_its_ice_servers() -> None:
    async with open_door(STUN) as door, Caller(channel=None, direction="sendonly") as caller:
        offer = await caller.offer()
        async with door.http.post("/whip", data=offer, headers=SDP) as response:
            assert response.status == 201, await response.text()
            assert response.content_type == "application/sdp"
            assert response.headers["Location"].startswith("/whip/rtc_")
            assert response.headers["ETag"].strip('"')
            assert response.headers["Link"] == '<stun:192.0.2.53:3478>; rel="ice-server"'
            answer = await response.text()
    assert "a=recvonly" in answer
    assert "a=candidate" in answer


async def test_who_only_sends_is_listened_to_and_not_answered() -> None:
    speech, words = [(0.2, 0.8)], [Word("hello", 0.4)]
    async with open_door(speech=speech, words=words) as door, whip(door):
        await until(lambda: bool(door.transcribers.opened))
        (ear,) = door.transcribers.opened
        await until(lambda: bool(ear.flushed) and ear.heard_s > 2.0)
        assert door.chat.requests == []


async def test_who_listens_too_is_answered_by_voice() -> None:
    speech, words = [(0.2, 0.8)], [Word("hello", 0.4)]
    async with (
        open_door(speech=speech, words=words) as door,
        whip(door, "sendrecv") as (caller, _),
        asyncio.timeout(LIMIT_S),
    ):
        while not caller.sound().any():
            await caller.until_heard(len(caller.sound()) / 24_000 + 0.1)


async def test_deleting_the_session_ends_the_call_and_leaves_nothing() -> None:
    async with open_door() as door:
        async with whip(door) as (_, session), door.http.delete(session):
            pass  # what a first call loads once stays
        await until_calls(door, 0)
        async with nothing_left(), whip(door) as (_, session):
            async with door.http.delete(session) as response:
                assert response.status == 200
            await until_calls(door, 0)
            async with door.http.delete(session) as response:
                assert response.status == 404
                assert (await error_of(response))["code"] == "not_found"


@pytest.mark.parametrize("path", ["/whip", "/whip/rtc_1"])
async def test_options_lists_each_method_and_what_is_accepted(path: str) -> None:
    async with open_door(STUN) as door, door.http.options(path) as response:
        assert response.status == 204
        methods = response.headers["Access-Control-Allow-Methods"].split(", ")
        assert {"POST", "PATCH", "DELETE", "OPTIONS"} <= set(methods)
        assert "If-Match" in response.headers["Access-Control-Allow-Headers"]
        assert response.headers["Accept-Post"] == "application/sdp"
        assert response.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
        assert response.headers["Link"] == '<stun:192.0.2.53:3478>; rel="ice-server"'


@pytest.mark.parametrize(
    ("tag", "body", "status"),
    [
        ("own", f"a=candidate:{CANDIDATE}\r\na=end-of-candidates\r\n", 204),
        ("*", f"a=candidate:{CANDIDATE}\r\n", 204),
        ("own", "a=candidate:1 1 udp 1 4d5c7b1e.local 9 typ host\r\n", 204),
        (None, f"a=candidate:{CANDIDATE}\r\n", 428),
        ('"stale"', f"a=candidate:{CANDIDATE}\r\n", 412),
        ("*", "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n", 422),
        ("own", "garbage", 400),
        ("own", b"\xff", 400),
    ],
)
async def test_a_patch_is_answered_as_the_rfc_says(
    tag: str | None, body: str | bytes, status: int
) -> None:
    async with open_door() as door, whip(door) as (_, session):
        own = f'"{session.removeprefix("/whip/")}"'
        headers = FRAGMENT | ({"If-Match": own if tag == "own" else tag} if tag else {})
        async with door.http.patch(session, data=body, headers=headers) as response:
            assert response.status == status, await response.text()
            assert "ETag" not in response.headers
            if status != 204:
                await error_of(response)
        assert door.lobby.active == 1  # whatever it was, the call goes on


async def test_the_own_credentials_are_no_restart() -> None:
    async with open_door() as door, whip(door) as (caller, session):
        own = read_fragment(caller.pc.localDescription.sdp)
        body = f"a=ice-ufrag:{own.ufrag}\r\na=ice-pwd:{own.password}\r\na=candidate:{CANDIDATE}\r\n"
        # The header of @eyevinn/whip-web-client.
        headers = FRAGMENT | {"ETag": f'"{session.removeprefix("/whip/")}"'}
        async with door.http.patch(session, data=body, headers=headers) as response:
            assert response.status == 204


async def test_a_call_comes_about_by_trickled_candidates_alone() -> None:
    """Neither side has told the other where it is, until the candidates come by PATCH."""
    async with open_door() as door, Caller(channel=None, direction="sendonly") as caller:
        offer = await caller.offer()
        body = without_candidates(offer)
        async with door.http.post("/whip", data=body, headers=SDP) as response:
            answer, session = (
                without_candidates(await response.text()),
                response.headers["Location"],
            )
            headers = FRAGMENT | {"If-Match": response.headers["ETag"]}
        lines = [f"a=candidate:{candidate}\r\n" for candidate in read_fragment(offer).candidates]
        async with door.http.patch(session, data="".join(lines), headers=headers) as response:
            assert response.status == 204
        await caller.connect(without_candidates(answer))


def without_candidates(sdp: str) -> str:
    return "\r\n".join(line for line in sdp.split("\r\n") if "candidate" not in line)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("garbage", SDP, 400, "invalid_offer"),
        ("{}", {"Content-Type": "application/json"}, 415, "unsupported_content_type"),
    ],
)
async def test_what_is_no_offer_is_refused(
    body: str, headers: dict[str, str], status: int, code: str
) -> None:
    async with open_door() as door, door.http.post("/whip", data=body, headers=headers) as response:
        assert response.status == status
        assert (await error_of(response))["code"] == code


async def test_a_key_is_asked_for_as_everywhere() -> None:
    async with open_door(KEYED) as door:
        for method, path in (
            ("POST", "/whip"),
            ("PATCH", "/whip/rtc_1"),
            ("DELETE", "/whip/rtc_1"),
        ):
            async with door.http.request(method, path, headers=SDP) as response:
                assert response.status == 401
                assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_methods_that_whip_keeps_for_later_do_nothing() -> None:
    async with open_door() as door:
        for path in ("/whip", "/whip/rtc_1"):
            async with door.http.get(path) as response:
                assert (response.status, await response.read()) == (204, b"")
            async with door.http.put(path) as response:
                assert response.status == 405


async def test_a_video_is_answered_inactive() -> None:
    offer = offers.load("chromium_video")
    async with open_door() as door, door.http.post("/whip", data=offer, headers=SDP) as response:
        assert response.status == 201, await response.text()
        video = (await response.text()).split("m=video")[1]
        assert "a=inactive" in video.split("m=")[0]
