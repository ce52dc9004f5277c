"""`serve --tls auto`: clients that are given its certificate trust it, and no others."""

import asyncio
import ssl
from pathlib import Path

import pytest
from aiohttp import ClientConnectorCertificateError, ClientSession, TCPConnector

from tests.loopback.test_serve import served


async def test_a_server_makes_its_own_certificate_and_clients_may_trust_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    words = ("--tls", "auto", "--server.state_dir", str(state))
    async with served(tmp_path, *words) as server:
        assert server.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(state / "certificate.pem"))
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        url = server.url.replace("127.0.0.1", "localhost")
        async with ClientSession(url, connector=TCPConnector(ssl=trusting)) as http:
            async with http.ws_connect("/v1/realtime") as ws:
                assert (await ws.receive_json(timeout=5))["type"] == "session.created"
            async with ClientSession(url) as stranger:
                with pytest.raises(ClientConnectorCertificateError):
                    await stranger.get("/health")
            assert await answer_to_plain_http(server.url) == b""
            async with http.get("/v1/models") as response:  # nobody else was disturbed
                assert response.status == 200


async def answer_to_plain_http(url: str) -> bytes:
    """Who forgets the s is hung up on at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer
