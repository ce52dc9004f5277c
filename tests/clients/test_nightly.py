"""Clients too large for every run: `make clients-all`."""

from pathlib import Path

import pytest

from tests.clients import venvs
from tests.conversation.real_server import RealServer
from tests.speech import script

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]


async def test_livekit_plugins_openai(server: RealServer) -> None:
    found = await venvs.run("livekit_plugin", server.url)
    assert found["said"] == [
        "Two plus three is five.",
        "One moment, please.",
        "Here is the answer. it is open",
    ]
    assert found["tool"] == "open_door"
    assert found["errors"] == []


async def test_pipecat_openai_realtime_llm_service(server: RealServer, tmp_path: Path) -> None:
    speech = tmp_path / "speech.pcm"
    speech.write_bytes(script("stop please what time is it").tobytes())
    found = await venvs.run("pipecat_service", server.url, str(speech))
    assert found["counted"].startswith("One,")
    assert found["answered"].split() == ["All", "right."]
    assert found["heard"][0].startswith("stop please")
    assert found["errors"] == []
