"""A client over a limit of its own is told so before the upgrade, and when to come back."""

from rtcserver.config import Server, Settings
from tests.loopback.door import CALLS, KEY, KEYED, Door, error_of, open_door

REALTIME = "/v1/realtime"


def limited(**limits: int) -> Settings:
    server = Server(**KEYED.server.model_dump() | limits)
    return Settings(server=server)


async def status_of(door: Door, headers: dict[str, str]) -> int:
    async with door.http.get(REALTIME, headers=headers) as response:
        if response.status == 429:
            assert int(response.headers["Retry-After"]) > 0
            error = await error_of(response)
            assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
        return response.status


async def test_calls_at_once_are_counted_for_each_client() -> None:
    async with open_door(limited(max_calls_per_client=1)) as door:
        token = await token_of(door)
        async with door.http.ws_connect(REALTIME, headers=KEY):
            assert await status_of(door, KEY) == 429
            assert await status_of(door, token) == 426  # another client, who would be let in
        async with door.http.ws_connect(REALTIME, headers=KEY) as ws:
            await ws.receive_json(timeout=5)  # the place is free again


async def test_calls_begun_in_a_minute_are_counted_and_refusals_are_not() -> None:
    async with open_door(limited(calls_per_minute=2)) as door:
        for _ in range(2):
            async with door.http.ws_connect(REALTIME, headers=KEY):
                pass
            async with door.http.post(CALLS, data="x", headers=KEY) as response:
                assert response.status in (400, 429)
        assert await status_of(door, KEY) == 429
        assert await status_of(door, await token_of(door)) == 426


async def token_of(door: Door) -> dict[str, str]:
    async with door.http.post(f"{REALTIME}/client_secrets", json={}, headers=KEY) as response:
        return {"Authorization": f"Bearer {(await response.json())['value']}"}
