"""A key for one client: made with an API key, good for calls, and for nothing else."""

import json
from typing import Any

import pytest
from openai.types.realtime import ClientSecretCreateResponse

from rtcserver.config import Settings, Tools, Tts
from rtcserver.server.tokens import Mint, Token
from rtcserver.timer import epoch_now
from tests.loopback.caller import Caller
from tests.loopback.door import CALLS, KEY, KEYED, SDP, Door, error_of, open_door

SECRETS = "/v1/realtime/client_secrets"
PIRATE = {"type": "realtime", "instructions": "Be a pirate.", "model": "gpt-realtime"}


async def secret(door: Door, body: dict[str, Any]) -> dict[str, Any]:
    async with door.http.post(SECRETS, json=body, headers=KEY) as response:
        assert response.status == 200, await response.text()
        made: dict[str, Any] = await response.json()
        return made


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def in_subprotocol(value: str) -> dict[str, str]:
    return {"Sec-WebSocket-Protocol": f"realtime, openai-insecure-api-key.{value}"}


@pytest.mark.parametrize("shown", [bearer, in_subprotocol])
async def test_a_call_made_with_it_begins_with_its_session(shown: Any) -> None:
    async with open_door(KEYED) as door:
        made = await secret(door, {"session": PIRATE})
        for _ in range(2):  # it can be used again
            async with door.http.ws_connect("/v1/realtime", headers=shown(made["value"])) as ws:
                session = (await ws.receive_json(timeout=5))["session"]
                assert session["instructions"] == "Be a pirate."
                assert session["model"] == "gpt-realtime"
                assert session["tool_choice"] == "auto"  # the rest is as always


async def test_the_answer_is_what_the_official_client_expects() -> None:
    async with open_door(KEYED) as door:
        before = int(epoch_now())
        made = await secret(door, {"session": PIRATE})
        assert set(made) == {"value", "expires_at", "session"}
        assert before + 600 <= made["expires_at"] <= epoch_now() + 600
        assert made["session"]["id"].startswith("sess_")
        assert made["session"]["object"] == "realtime.session"
        assert made["session"]["instructions"] == "Be a pirate."
        assert made["session"]["audio"]["output"]["speed"] == 1.0  # every field has its value
        ClientSecretCreateResponse.model_validate(made)


async def test_the_answer_may_be_handed_on_and_so_has_no_key_of_a_server_of_tools() -> None:
    crm = {"type": "mcp", "server_label": "crm", "server_url": "https://crm.test/mcp"}
    tools = Tools(mcp_allowed_urls=("https://crm.test/mcp",))
    async with open_door(Settings(server=KEYED.server, tools=tools)) as door:
        keys = {"authorization": "hush", "headers": {"x-key": "hush"}}
        made = await secret(door, {"session": {"type": "realtime", "tools": [{**crm, **keys}]}})
        [shown] = made["session"]["tools"]
        assert shown["server_label"] == "crm"
        assert "hush" not in json.dumps(made)


async def test_a_webrtc_call_takes_it_and_its_own_session_comes_on_top() -> None:
    async with open_door(KEYED) as door, Caller() as caller:
        made = await secret(door, {"session": PIRATE})
        body = {"sdp": await caller.offer(), "session": {"type": "realtime", "tool_choice": "none"}}
        async with door.http.post(CALLS, json=body, headers=bearer(made["value"])) as response:
            assert response.status == 201, await response.text()
            await caller.connect(await response.text())
        session = (await caller.event("session.created"))["session"]
        assert (session["instructions"], session["tool_choice"]) == ("Be a pirate.", "none")


async def test_the_call_outlives_its_secret() -> None:
    """Which is looked at once: at the door."""
    async with open_door(KEYED) as door:
        mint = Mint(["secret"])
        late = mint.issue(Token("secret_1", int(epoch_now()) + 2))
        async with door.http.ws_connect("/v1/realtime", headers=bearer(late)) as ws:
            await ws.receive_json(timeout=5)
            expired = mint.issue(Token("secret_1", int(epoch_now())))
            async with door.http.get("/v1/realtime", headers=bearer(expired)) as response:
                assert response.status == 401
                assert "expired" in str((await error_of(response))["message"])
            await ws.send_json({"type": "response.cancel"})
            assert (await ws.receive_json(timeout=5))["type"] == "error"


async def test_it_makes_no_further_secrets_and_ends_no_call_of_another() -> None:
    async with open_door(KEYED) as door, Caller() as caller:
        mine = (await secret(door, {}))["value"]
        other = (await secret(door, {}))["value"]
        async with door.http.post(SECRETS, json={}, headers=bearer(mine)) as response:
            assert response.status == 401
            await error_of(response)
        offer, headers = await caller.offer(), SDP | bearer(mine)
        async with door.http.post(CALLS, data=offer, headers=headers) as response:
            location = response.headers["Location"]
        for shown, status in ((bearer(other), 404), (bearer(mine), 200)):
            async with door.http.post(f"{location}/hangup", headers=shown) as response:
                assert response.status == status


async def test_without_keys_it_carries_a_session_too_and_opens_nothing_to_foreign_pages() -> None:
    async with open_door() as door:
        made = await secret(door, {"session": PIRATE})
        headers = bearer(made["value"])
        async with door.http.ws_connect("/v1/realtime", headers=headers) as ws:
            assert (await ws.receive_json(timeout=5))["session"]["model"] == "gpt-realtime"
        foreign = headers | {"Origin": "https://evil.example"}
        async with door.http.get("/v1/realtime", headers=foreign) as response:
            assert response.status == 401


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"{", "invalid_json", None),
        (b"[]", "invalid_value", None),
        (b'{"expires_after": {"seconds": 9}}', "invalid_value", "expires_after.seconds"),
        (b'{"expires_after": {"seconds": 7201}}', "invalid_value", "expires_after.seconds"),
        (b'{"expires_after": {"anchor": "now"}}', "invalid_value", "expires_after.anchor"),
        (
            b'{"session": {"audio": {"output": {"speed": 9}}}}',
            "invalid_value",
            "session.audio.output.speed",
        ),
        (
            json.dumps({"session": {"instructions": "x" * 20_000}}).encode(),
            "session_too_large",
            "session",
        ),
    ],
)
async def test_what_is_wrong_is_named(body: bytes, code: str, param: str | None) -> None:
    async with (
        open_door(KEYED) as door,
        door.http.post(SECRETS, data=body, headers=KEY) as response,
    ):
        assert response.status == 400
        error = await error_of(response)
        assert (error["code"], error["param"]) == (code, param)


async def test_a_voice_that_is_not_listed_is_named() -> None:
    listed = KEYED.model_copy(update={"tts": Tts(voices=("en/alice.wav",))})
    wish = {"session": {"type": "realtime", "audio": {"output": {"voice": "marin"}}}}
    async with open_door(listed) as door, door.http.post(SECRETS, json=wish, headers=KEY) as answer:
        assert answer.status == 400
        assert (await error_of(answer))["param"] == "session.audio.output.voice"


async def test_a_large_session_travels_in_the_header() -> None:
    async with open_door(Settings()) as door:
        made = await secret(door, {"session": {"type": "realtime", "instructions": "ä" * 8_000}})
        async with door.http.ws_connect("/v1/realtime", headers=bearer(made["value"])) as ws:
            session = (await ws.receive_json(timeout=5))["session"]
            assert session["instructions"] == "ä" * 8_000


async def test_an_empty_body_is_a_wish_for_the_usual() -> None:
    async with open_door() as door, door.http.post(SECRETS) as response:
        assert (await response.json())["session"]["model"] == "rtcserver"
