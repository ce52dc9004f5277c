"""@openai/agents-realtime in Chromium, over both of its transports, with a client secret."""

import asyncio
import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openai import OpenAI

from rtcserver.audio.format import Samples
from tests.clients.pages import page_of
from tests.clients.test_agents_js import SUM_AND_DOOR
from tests.conversation.page_call import RECORDER, PageCall
from tests.conversation.prefix import words, words_spoken
from tests.conversation.real_server import RealServer
from tests.speech import script, write_wav

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("packages"),
    pytest.mark.parametrize("kind", ["webrtc", "websocket"]),
]

LIMIT_S = 90.0
COUNTING_S = 7.0  # until the caller speaks: the file begins to play before the call is connected
SILENCE_S = 120.0
INTERRUPTION = "stop please what time is it"
CLEARED_MS = 400  # what is on its way to the ear when the cut is told


@dataclass(frozen=True)
class Held:
    """What a talk of js/talks.js told, and what else was seen of it."""

    found: dict[str, Any]
    complaints: list[str]
    sound: Samples
    """Of the first answer, as far as it was heard."""


class Caller:
    """Has talks over one transport of the SDK, from a page with this microphone."""

    def __init__(self, kind: str, server: RealServer, microphone: Path) -> None:
        self._kind, self._url, self._microphone = kind, server.url, microphone
        self._client = OpenAI(base_url=f"{server.url}/v1", api_key="unused")

    async def hold(self, talk: str, speech: Samples | None = None) -> Held:
        complaints: list[str] = []
        async with asyncio.timeout(LIMIT_S), page_of("agents.html", self._microphone) as page:
            page.on("console", lambda message: complaints.append(message.text))
            await page.evaluate(RECORDER)
            key = (await asyncio.to_thread(self._client.realtime.client_secrets.create)).value
            said = None if speech is None else base64.b64encode(speech.tobytes()).decode()
            given = [talk, self._kind, self._url, key, said]
            found = await page.evaluate("(given) => hold(...given)", given)
            return Held(found, complaints, await self._heard(PageCall(page), found))

    async def _heard(self, page: PageCall, found: dict[str, Any]) -> Samples:
        if "cutAt" not in found:
            return np.zeros(0, dtype=np.int16)
        if found["sound"] is not None:
            return np.frombuffer(base64.b64decode(found["sound"]), dtype="<i2").astype(np.int16)
        recording = await page.recording()
        heard = recording.between(found["startedAt"], found["cutAt"] + CLEARED_MS)
        first_ms, last_ms = heard.sounding_ms()
        return heard.between(first_ms - 100, last_ms + 100).samples


@pytest.fixture
def silent(kind: str, server: RealServer, tmp_path: Path) -> Caller:
    return Caller(kind, server, write_wav(tmp_path / "silence.wav", script(SILENCE_S)))


async def test_a_sum_and_a_tool(kind: str, silent: Caller) -> None:
    held = await silent.hold("sumAndDoor")
    assert held.found["history"] == SUM_AND_DOOR
    assert held.found["toolCalls"] == 1
    assert held.found["errors"] == held.found["unparsed"] == []
    # It would complain of a session.updated that it had waited for in vain.
    assert held.complaints == []
    if kind == "webrtc":  # what a sideband is opened with
        assert re.fullmatch(r"rtc_\w+", held.found["callId"])


async def test_its_own_call_interrupts(kind: str, silent: Caller) -> None:
    held = await silent.hold("interruptedByCall")
    assert_one_tale(held)


async def test_speech_interrupts(kind: str, server: RealServer, tmp_path: Path) -> None:
    said = script(COUNTING_S, INTERRUPTION, SILENCE_S)
    caller = Caller(kind, server, write_wav(tmp_path / "stop.wav", said))
    spoken = script(INTERRUPTION) if kind == "websocket" else None
    held = await caller.hold("interruptedBySpeech", spoken)
    assert_one_tale(held)
    roles = [(item["role"], item["status"]) for item in held.found["history"]]
    assert roles == [
        ("user", "completed"),
        ("assistant", "incomplete"),
        ("user", "completed"),
        ("assistant", "completed"),
    ]
    assert held.found["history"][2]["text"].startswith("stop please")


def assert_one_tale(held: Held) -> None:
    """The server, the SDK and the ear agree on what was heard of an answer that was cut."""
    found = held.found
    assert found["errors"] == found["unparsed"] == held.complaints == []
    assert found["client"] == found["server"] == found["history"][1]["text"]
    assert found["said"].startswith(found["server"])
    heard = words_spoken(held.sound, found["said"])
    assert heard > 3
    assert len(words(found["server"])) == pytest.approx(heard, abs=1)
