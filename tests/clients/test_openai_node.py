"""openai of npm, which takes nothing but wss: so the server has a certificate of its own."""

from pathlib import Path

import pytest

from tests.clients import node
from tests.loopback.test_serve import served


@pytest.mark.usefixtures("packages")
async def test_a_turn_and_a_cancelled_one(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with served(tmp_path, "--tls", "auto", "--server.state_dir", str(state)) as server:
        trusted = str(state / "certificate.pem")
        found = await node.run("openai_websocket.mjs", server.url, NODE_EXTRA_CA_CERTS=trusted)
    first, second = found["responses"]
    assert first["status"] == "completed"
    assert first["output"][0]["content"][0]["transcript"] == "Two plus three is five."
    assert found["bytes"] > 24_000  # half a second
    assert second["status"] == "cancelled"
    assert "error" not in found["types"]
