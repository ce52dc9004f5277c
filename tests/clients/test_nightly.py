"""Clients too large for every run: `make clients-all`."""

import base64
from pathlib import Path

import pytest

from rtcserver.audio.wire_format import Decoder, Encoder
from tests.clients import node, venvs
from tests.conversation.dialogue import FIVE_TURNS
from tests.conversation.prefix import words, words_spoken
from tests.conversation.real_server import RealServer
from tests.needed import missing
from tests.speech import script

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]

FIREFOX_S = 240.0  # every step of it has a limit of its own, and the browser ends with the last


@pytest.fixture
def firefox() -> Path:
    executable = Path("/usr/bin/firefox-esr")
    if not executable.exists():
        missing("install firefox-esr")
    return executable


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


async def test_twilio_realtime_transport_layer(server: RealServer, tmp_path: Path) -> None:
    node.install(node.HERE / "twilio")
    speech = tmp_path / "speech.pcmu"
    speech.write_bytes(Encoder("audio/pcmu").push(script(FIVE_TURNS[0].said)))
    found = await node.run("twilio/twilio.mjs", server.url, str(speech))
    assert found["errors"] == []
    assert found["format"] == "audio/pcmu"
    assert found["roles"] == ["user", "assistant", "user", "assistant"]
    assert found["client"] == found["server"]
    heard = words_spoken(
        Decoder("audio/pcmu").push(base64.b64decode(found["played"])), found["said"]
    )
    assert heard > 3
    assert len(words(found["server"])) == pytest.approx(heard, abs=1)


async def test_the_page_in_firefox(server: RealServer, firefox: Path) -> None:
    node.install(node.HERE / "firefox")
    found = await node.run("firefox/firefox.mjs", server.url, str(firefox), limit_s=FIREFOX_S)
    before, during, after = found["before"], found["during"], found["after"]
    assert before["captions"] == []
    assert not during["muted"]
    assert during["calls"] == 1  # and none after Stop, or the script fails
    assert after["captions"] == ["what is two plus three", "Two plus three is five."]
    assert after["energy"] > before["energy"]
    assert "input_audio_buffer.speech_started" not in after["events"]
    assert found["complaints"] == []
