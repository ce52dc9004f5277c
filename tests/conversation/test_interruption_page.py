"""The caller speaks over a long answer: it stops at once, and only what was heard is kept."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conversation.page_call import page_call
from tests.conversation.prefix import words, words_spoken
from tests.conversation.real_server import RealServer
from tests.speech import script, write_wav

pytestmark = pytest.mark.browser

CONNECTED_S = 3.0  # the file begins to play before the call is connected
STORY_S = 7.0  # of which some are the silence before the answer
LIMIT_S = 40.0
STOPPED_MS = 200


def transcript(item: dict[str, Any]) -> str:
    (part,) = item["content"]
    return str(part["transcript"])


async def test_speech_cuts_the_answer_to_what_was_heard(server: RealServer, tmp_path: Path) -> None:
    said = script(CONNECTED_S, "tell me a story", STORY_S, "stop please what time is it", 2.0)
    async with page_call(server.url, write_wav(tmp_path / "stop.wav", said)) as call:
        await call.until("happened('conversation.item.retrieved')", LIMIT_S)
        await expect(call.page.locator("li.assistant .cut")).to_have_text("(interrupted)")
        await call.page.screenshot(path=tmp_path / "interrupted.png", full_page=True)
        (paused, *_) = await call.received("rtc.playback.paused")
        (started, *_) = await call.received("output_audio_buffer.started")
        (retrieved,) = await call.received("conversation.item.retrieved")
        told = [news["event"] for news in await call.received("rtc.heard")]
        deltas = await call.received("response.output_audio_transcript.delta")
        recording = await call.recording()

    heard = recording.between(started["t"], retrieved["t"])
    write_wav(tmp_path / "heard.wav", heard.samples)  # to listen to, should this fail
    first_ms, last_ms = heard.sounding_ms()
    assert last_ms - first_ms > 2_000, "too little was heard to be cut"
    assert last_ms - paused["t"] <= STOPPED_MS

    story = "".join(delta["event"]["delta"] for delta in deltas)
    stored = transcript(retrieved["event"]["item"])
    assert story.startswith(stored)
    assert next(news["text"] for news in told if news["final"]) == stored
    spoken = words_spoken(heard.between(first_ms - 100, last_ms + 100).samples, story)
    assert len(words(stored)) == pytest.approx(spoken, abs=1)
