import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from pydantic import SecretStr

from rtcserver.config import Llm, Server, Settings
from rtcserver.errors import ConfigError, ServiceUnavailable
from rtcserver.server.auth import KeyRing
from tests.loopback.door import CALLS, KEY, KEYED, Door, error_of, open_door
from tests.loopback.leaks import nothing_left

REALTIME = "/v1/realtime"


@pytest.mark.parametrize(
    ("protocols", "selected"),
    [
        ((), None),
        (("realtime",), "realtime"),
        (("realtime", "openai-insecure-api-key.x", "openai-agents-sdk.0.20.0"), "realtime"),
    ],
)
async def test_a_websocket_call_begins_with_its_session(
    protocols: tuple[str, ...], selected: str | None
) -> None:
    async with open_door() as door:
        url = f"{REALTIME}?model=gpt-realtime"
        async with door.http.ws_connect(url, protocols=protocols, compress=15) as ws:
            assert ws.protocol == selected
            assert not ws.compress
            event = json.loads((await ws.receive(timeout=5)).data)
            assert (event["type"], event["session"]["model"]) == ("session.created", "gpt-realtime")
            assert door.lobby.active == 1


async def test_a_websocket_call_leaves_nothing_and_bad_events_do_not_end_it() -> None:
    async with nothing_left(), open_door() as door, door.http.ws_connect(REALTIME) as ws:
        for bad in ("{", "[]", '{"type": "no.such"}', '{"type": "conversation.item.delete"}'):
            await ws.send_str(bad)
        await ws.send_bytes(b"\x00")
        errors: list[dict[str, str | None]] = []
        while len(errors) < 5:
            event = json.loads((await ws.receive(timeout=5)).data)
            if event["type"] == "error":
                errors.append(event["error"])
        assert all(error["message"] for error in errors)
        assert {error["param"] for error in errors} == {None, "type", "item_id"}


async def test_when_the_server_goes_the_client_is_told_to_come_back() -> None:
    async with open_door() as door:
        ws = await door.http.ws_connect(REALTIME)
        reading = asyncio.create_task(_close_code(ws))
        assert door.lobby.active == 1
    assert await reading == 1012


async def _close_code(ws: ClientWebSocketResponse) -> int | None:
    while (await ws.receive(timeout=5)).type is WSMsgType.TEXT:
        pass
    return ws.close_code


@pytest.mark.parametrize(
    ("settings", "headers", "query", "status"),
    [
        (KEYED, {}, "", 401),
        (KEYED, {"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.no"}, "", 401),
        (Settings(), {"Origin": "https://evil.example"}, "", 401),
        (Settings(), {"Origin": "null"}, "", 401),
        (Settings(), {"OpenAI-Beta": "realtime=v1"}, "", 400),
        (Settings(), {"Sec-WebSocket-Protocol": "realtime, openai-beta.realtime-v1"}, "", 400),
        (Settings(), {}, "?call_id=rtc_1", 404),
        (KEYED, {}, "?call_id=rtc_1", 401),
        (Settings(), {}, "?intent=translation", 400),
    ],
)
async def test_a_websocket_is_refused_before_the_upgrade(
    settings: Settings, headers: dict[str, str], query: str, status: int
) -> None:
    async with open_door(settings) as door:
        with pytest.raises(WSServerHandshakeError) as refused:
            await door.http.ws_connect(REALTIME + query, headers=headers)
        assert refused.value.status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer secret"},
        {"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.secret"},
    ],
)
async def test_a_key_opens_the_websocket(headers: dict[str, str]) -> None:
    async with open_door(KEYED) as door, door.http.ws_connect(REALTIME, headers=headers) as ws:
        assert (await ws.receive(timeout=5)).type is WSMsgType.TEXT


async def test_a_full_house_refuses_a_websocket_with_503() -> None:
    settings = Settings(server=Server(max_calls=1))
    async with (
        open_door(settings) as door,
        door.http.ws_connect(REALTIME),
        door.http.get(REALTIME) as response,
    ):
        assert response.status == 503
        assert response.headers["Retry-After"]
        assert (await error_of(response))["code"] == "no_capacity"


async def test_a_get_that_is_no_websocket_is_told_to_upgrade() -> None:
    async with open_door() as door, door.http.get(REALTIME) as response:
        assert response.status == 426
        await error_of(response)


async def test_a_browser_of_another_origin_may_ask_and_read_the_location() -> None:
    async with open_door(KEYED) as door:
        asked = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-openai-agents-sdk",
        }
        async with door.http.options(CALLS, headers=asked) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            allowed = response.headers["Access-Control-Allow-Headers"].lower().split(", ")
            assert {"authorization", "content-type", "x-openai-agents-sdk"} <= set(allowed)
        async with door.http.post(CALLS, data="x") as response:  # refused, yet readable
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Location" in response.headers["Access-Control-Expose-Headers"]


async def test_without_keys_only_pages_of_this_machine_may_call() -> None:
    async with open_door() as door:
        for origin, status in [("http://localhost:3000", 400), ("https://evil.example", 401)]:
            headers = {"Origin": origin, "Content-Type": "application/sdp"}
            async with door.http.post(CALLS, data="x", headers=headers) as response:
                assert response.status == status


async def test_health_names_each_service_and_is_well_while_one_is_up() -> None:
    async with open_door() as door:
        door.transcribers.refuse = ServiceUnavailable("stt", "no answer")
        async with door.http.get("/health") as response:
            assert response.status == 200
            body = await response.json()
    assert body["status"] == "degraded"
    assert body["calls"] == {"active": 0, "max": 32}
    assert body["services"]["stt"] == {
        "status": "down",
        "latency_ms": None,
        "backend": None,
        "slots": None,
        "detail": "stt: no answer",
    }
    assert body["services"]["llm"]["backend"] == "OpenAI chat completions"
    assert "secret" not in str(body)
    assert body["services"]["llm"]["slots"] == {"used": 1, "total": 32}
    assert body["services"]["llm"]["status"] == "up"
    assert body["services"]["llm"]["latency_ms"] >= 0


async def test_the_models_are_the_names_that_the_settings_know() -> None:
    settings = Settings(llm=Llm(model_map={"gpt-realtime": "llama3.2"}))
    async with open_door(settings) as door:
        async with door.http.get("/v1/models") as response:
            listed = (await response.json())["data"]
            assert [model["id"] for model in listed] == ["rtcserver", "gpt-realtime"]
        for name, status in (("gpt-realtime", 200), ("nobody/such", 404)):
            async with door.http.get(f"/v1/models/{name}") as response:
                assert response.status == status


async def test_metrics_are_there_for_prometheus() -> None:
    async with open_door() as door, door.http.get("/metrics") as response:
        assert response.content_type == "text/plain"
        assert "rtc_loop_lag_seconds_bucket" in await response.text()


async def test_keys_that_are_given_out_and_clients_that_have_none_are_counted() -> None:
    async def counted(door: Door, series: str) -> float:
        async with door.http.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{series} "))

    async with open_door(KEYED) as door:
        given, refused = "rtc_client_secrets_total", "rtc_auth_refused_total"
        before = await counted(door, given), await counted(door, refused)
        for headers, status in ((KEY, 200), ({}, 401), ({"Authorization": "Bearer no"}, 401)):
            path = "/v1/realtime/client_secrets"
            async with door.http.post(path, json={}, headers=headers) as response:
                assert response.status == status
        after = await counted(door, given), await counted(door, refused)
        assert after == (before[0] + 1, before[1] + 2)


async def test_the_page_is_served_under_a_strict_policy() -> None:
    async with open_door() as door:
        for path, kind in [("/", "text/html"), ("/app.js", "text/javascript")]:
            async with door.http.get(path) as response:
                assert response.status == 200
                assert response.content_type == kind
                assert "default-src 'self'" in response.headers["Content-Security-Policy"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/no-such-file", "/v1/none", "/../pyproject.toml", "/%2e%2e/x"])
async def test_what_is_not_there_is_not_found_in_json(path: str) -> None:
    async with open_door() as door, door.http.get(path) as response:
        assert response.status == 404
        await error_of(response)


async def test_a_body_too_large_to_read_is_refused() -> None:
    async with open_door() as door:
        headers = {"Content-Type": "application/sdp"}
        async with door.http.post(CALLS, data=b"x" * 5 * 2**20, headers=headers) as response:
            assert response.status == 413
            assert (await error_of(response))["code"] == "request_too_large"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "voice.example"])
def test_a_door_to_other_machines_needs_a_key(host: str) -> None:
    with pytest.raises(ConfigError, match="server.host"):
        KeyRing(Server(host=host))
    KeyRing(Server(host=host, api_keys=(SecretStr("k"),)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_door_to_this_machine_needs_none(host: str) -> None:
    KeyRing(Server(host=host))


def test_the_static_files_exist() -> None:
    assert (Path(__file__).parents[2] / "static" / "index.html").is_file()


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"v=0"
        await asyncio.Event().wait()

    impatient = Settings(server=Server(body_timeout_s=0.1))
    async with nothing_left(), open_door(impatient) as door:
        headers = {"Content-Type": "application/sdp"}
        async with door.http.post(CALLS, data=stalled(), headers=headers) as response:
            assert response.status == 408
            assert (await error_of(response))["code"] == "request_timeout"
