"""Requests that no honest client makes: an error in JSON, or the end of the connection."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from rtcserver.config import Server, Settings
from tests.loopback.door import CALLS, Door, error_of, open_door
from tests.loopback.leaks import nothing_left

IMPATIENT = Settings(server=Server(idle_timeout_s=0.2, body_timeout_s=0.2))
SECRETS = "/v1/realtime/client_secrets"
LIMIT_S = 10.0
HEAD = b"GET /v1/models HTTP/1.1\r\nHost: x\r\n"


@asynccontextmanager
async def connection(
    door: Door,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(door.url.host, door.url.port)
    try:
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize("head", [b"", b"GET / HT", HEAD])
async def test_a_head_that_does_not_come_is_not_waited_for(head: bytes) -> None:
    async with nothing_left(), open_door(IMPATIENT) as door, connection(door) as (reader, writer):
        writer.write(head)
        assert await asyncio.wait_for(reader.read(), LIMIT_S) == b""


async def test_a_head_that_comes_a_byte_at_a_time_is_not_waited_for_either() -> None:
    async with open_door(IMPATIENT) as door, connection(door) as (reader, writer):
        closed = asyncio.create_task(reader.read())
        async with asyncio.timeout(LIMIT_S):
            for _ in iter(closed.done, True):
                writer.write(b"x")
                await asyncio.sleep(0.02)  # as slow as it likes to be


async def test_after_an_answer_the_next_head_is_not_waited_for_without_end() -> None:
    async with open_door(IMPATIENT) as door, connection(door) as (reader, writer):
        writer.write(HEAD + b"\r\n" + HEAD)
        answer = await asyncio.wait_for(reader.read(), LIMIT_S)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("path", [SECRETS, CALLS])
async def test_a_body_that_comes_a_byte_at_a_time_is_not_waited_for(path: str) -> None:
    async def slow() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)  # as slow as it likes to be

    headers = {"Content-Type": "application/json"}
    async with (
        nothing_left(),
        open_door(IMPATIENT) as door,
        door.http.post(path, data=slow(), headers=headers) as response,
    ):
        assert response.status == 408
        assert (await error_of(response))["code"] == "request_timeout"


BOUNDARY = "multipart/form-data; boundary=x"
PART = '--x\r\nContent-Disposition: form-data; name="sdp"{}\r\n\r\nv=0\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (b'--x\r\nContent-Disposition: form-data; name="\x05"\r\n\r\n1\r\n--x--\r\n', {}),
        (PART.format("\r\nContent-Transfer-Encoding: none").encode(), {}),
        (PART.format("\r\nContent-Encoding: none").encode(), {}),
        (PART.format("\r\nContent-Transfer-Encoding: base64").encode(), {}),
        (PART.format("\r\nContent-Type: text/plain; charset=none").encode(), {}),
        (PART.format('; filename="a"\r\nContent-Encoding: gzip').encode(), {}),
        (b"--x\r\n" * 10_000, {}),
        (b"--x\r\nno header\r\n\r\n1\r\n--x--\r\n", {}),
        (b"{}", {"Content-Type": "application/json; charset=none"}),
        (b"\xff", {"Content-Type": "application/json"}),
        (b'{"sdp": "", "session": ' + b"[" * 100_000, {"Content-Type": "application/json"}),
        (b'{"sdp": "", "session": "\xff"}', {"Content-Type": "application/json"}),
    ],
)
async def test_a_body_that_cannot_be_read_is_the_clients_fault(
    data: bytes, headers: dict[str, str]
) -> None:
    async with nothing_left(), open_door() as door:
        given = {"Content-Type": BOUNDARY} | headers
        async with door.http.post(CALLS, data=data, headers=given) as response:
            assert response.status == 400, await response.text()
            assert (await error_of(response))["message"]


async def test_a_compressed_body_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 2**24)
    headers = {"Content-Type": "application/sdp", "Content-Encoding": "gzip"}
    async with open_door() as door, door.http.post(CALLS, data=bomb, headers=headers) as response:
        assert response.status == 415
        await error_of(response)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer \udcff"},
        {"Authorization": "Bearer ek_\udcff.."},
        {"Sec-WebSocket-Protocol": "openai-insecure-api-key.\udcff"},
        {"Origin": "http://[::1"},
        {"Origin": "::::"},
    ],
)
async def test_a_header_of_nonsense_opens_nothing(headers: dict[str, str]) -> None:
    keyed = Settings(server=Server.model_validate({"api_keys": "secret"}))
    async with open_door(keyed) as door, connection(door) as (reader, writer):
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        head = f"GET /v1/realtime HTTP/1.1\r\nHost: x\r\n{''.join(lines)}\r\n"
        writer.write(head.encode(errors="surrogateescape"))
        answer = await asyncio.wait_for(reader.readline(), LIMIT_S)
        assert answer.split()[1] in (b"400", b"401")
