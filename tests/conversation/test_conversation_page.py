"""A person opens the page, presses Start, speaks, is understood, and hears the answers."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from rtcserver.audio.level import dbfs
from tests.conversation.dialogue import FIVE_TURNS
from tests.conversation.page_call import PageCall, page_call
from tests.conversation.processes import until
from tests.conversation.real_server import RealServer
from tests.conversation.spoken_length import sounding_s, spoken_length_s
from tests.speech import script, write_wav

pytestmark = pytest.mark.browser

CONNECTED_S = 3.0  # the file begins to play before the call is connected
TURN_S = 3.5  # for the silence before an answer, and a breath after it
LIMIT_S = 90.0
HUNG_UP_S = 10.0


def microphone(folder: Path) -> Path:
    """The file keeps its own time, so after each line it waits as long as the answer takes."""
    parts: list[str | float] = [CONNECTED_S]
    for line in FIVE_TURNS:
        parts += [line.said, TURN_S + spoken_length_s(line.answer)]
    return write_wav(folder / "five_turns.wav", script(*parts))


async def latency_parts(page: Page) -> list[tuple[int, list[int]]]:
    """Total and parts of every latency bar, in ms, as they are written on the page."""
    found = []
    for caption in await page.locator("figure.latency figcaption").all():
        total = await caption.locator("strong").inner_text()
        parts = await caption.locator(".phase").all_inner_texts()
        found.append((int(total.removesuffix(" ms")), [int(text.split()[-1]) for text in parts]))
    return found


async def check_voice(call: PageCall) -> None:
    """Each answer was heard in the page, as long as it takes to say it."""
    recording = await call.recording()
    asked = [entry["t"] for entry in await call.received("input_audio_buffer.speech_stopped")]
    heard = [recording.between(begin, end) for begin, end in pairwise([*asked, asked[-1] + 60_000])]
    sounding = [sounding_s(answer.samples) for answer in heard]
    voices = [answer.between(*answer.sounding_ms()) for answer in heard]
    assert all(dbfs(voice.samples) > -35 for voice in voices)
    assert sounding == pytest.approx([spoken_length_s(line.answer) for line in FIVE_TURNS], rel=0.1)


async def test_five_turns_in_the_browser(server: RealServer, tmp_path: Path) -> None:
    async with page_call(server.url, microphone(tmp_path)) as call:
        page = call.page
        await call.until("happened('session.created')", LIMIT_S)
        # The assistant's own tool ends the call, once its goodbye was heard.
        await call.until("rtcserver.state === 'idle'", LIMIT_S)
        await page.screenshot(path=tmp_path / "five_turns.png", full_page=True)
        said = page.locator("li.user.final p")
        answers = page.locator("li.assistant.final p")
        await expect(said).to_have_text([re.compile(line.heard) for line in FIVE_TURNS])
        await expect(answers).to_have_text([line.answer for line in FIVE_TURNS])
        latencies = await latency_parts(page)
        assert len(latencies) == len(FIVE_TURNS)
        assert all(total == sum(parts) and len(parts) == 5 for total, parts in latencies)
        await check_voice(call)
    until(lambda: server.metric("rtc_calls_active") == 0, HUNG_UP_S, "hung up")
