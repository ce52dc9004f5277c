"""@pipecat-ai/client-js with its small-webrtc-transport, in Chromium."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.clients.pages import page_of
from tests.conversation.page_call import RECORDER, PageCall
from tests.conversation.processes import until
from tests.conversation.real_server import RealServer
from tests.speech import script, write_wav

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("packages")]

LIMIT_S = 120.0
GONE_S = 10.0
LEAD_S, STORY_S, SILENCE_S = 3.0, 7.0, 120.0
Told = list[dict[str, Any]]


async def hold(talk: str, server: RealServer, microphone: Path) -> dict[str, Any]:
    """One of js/rtvi.js; nothing of it may be left on the server."""
    async with asyncio.timeout(LIMIT_S), page_of("rtvi.html", microphone, "rtvi.js") as page:
        await page.evaluate(RECORDER)
        found: dict[str, Any] = await page.evaluate("(given) => hold(...given)", [talk, server.url])
        assert (await PageCall(page).recording()).sounding_ms()  # the bot was heard
        assert server.metric("rtc_calls_total", transport="rtvi")
        await asyncio.to_thread(until, lambda: _active(server) == 0, GONE_S, "no call")
    return found


def _active(server: RealServer) -> float:
    return server.metric("rtc_calls_active", transport="rtvi")


def all_of(told: Told, name: str) -> list[Any]:
    return [entry.get("data") for entry in told if entry["name"] == name]


async def test_texts_are_answered_by_voice_in_writing_and_by_functions(
    server: RealServer, tmp_path: Path
) -> None:
    found = await hold("byText", server, write_wav(tmp_path / "silence.wav", script(SILENCE_S)))
    told = found["told"]
    (ready,) = all_of(told, "BotReady")
    assert ready["version"].startswith("2.")
    assert ready["about"]["library"] == "rtcserver"

    outputs = all_of(told, "BotOutput")
    sums = [output for output in outputs if output["text"] == "Two plus three is five."]
    *spoken, written = sums
    assert {output["segment_id"] for output in spoken} == {1}
    statuses = [output["spoken_status"] for output in spoken]
    assert statuses == ["new", *["in-progress"] * (len(spoken) - 2), "completed"]
    heard = [output["spoken_progress"]["accumulated_text"] for output in spoken]
    assert heard == sorted(heard, key=len)  # word by word
    assert "Two plus" in heard
    assert (written["will_be_spoken"], written["spoken_status"]) == (False, "new")
    assert {"text": "Two plus three is five."} in all_of(told, "BotTranscript")

    (call,) = all_of(told, "LLMFunctionCallInProgress")
    assert call["function_name"] == "open_door"
    (stopped,) = all_of(told, "LLMFunctionCallStopped")
    assert stopped["result"] == "the door is open"
    assert stopped["tool_call_id"] == call["tool_call_id"]

    assert "weather" in found["refusal"]
    assert all_of(told, "Error") == []
    assert found["state"] == "disconnected"


async def test_speech_is_understood_answered_and_interrupts(
    server: RealServer, tmp_path: Path
) -> None:
    said = script(LEAD_S, "tell me a story", STORY_S, "stop please what time is it", SILENCE_S)
    found = await hold("byVoice", server, write_wav(tmp_path / "speech.wav", said))
    told = found["told"]
    asked, stopped = (said["text"] for said in all_of(told, "UserTranscript") if said["final"])
    assert "story" in asked
    assert "stop please" in stopped

    names = [entry["name"] for entry in told]
    second = [at for at, name in enumerate(names) if name == "UserStartedSpeaking"][1]
    assert "BotStoppedSpeaking" in names[second : second + 6]  # cut short, and not played out
    (cut,) = all_of(told, "ServerMessage")
    assert cut["type"] == "conversation.item.truncated"
    assert cut["audio_end_ms"] > 0
    assert all_of(told, "Metrics")
    assert all_of(told, "Error") == []
    assert found["state"] == "disconnected"
