"""Make a call in the real page of a real server, and keep all that the browser heard of it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Page, async_playwright

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import Resampler
from tests.browser import chromium

RECORDER = (Path(__file__).parent / "recorder.js").read_text()
_BROWSER_HZ = 48_000
_UNTIL = """() => new Promise((resolve) => {
  const happened = (type) => rtcserver.events.some(({event}) => event.type === type);
  const look = () => (CONDITION) ? resolve() : setTimeout(look, 20);
  look();
})"""
_LOUD = 100  # of 32 767; Opus turns silence into less

Entry = dict[str, Any]
"""{"t": ms of performance.now(), "direction": …, "event": …}, as the page keeps it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was heard; `start_ms` on the clock of performance.now()."""

    start_ms: float
    samples: Samples

    def between(self, start_ms: float, end_ms: float) -> "Recording":
        first, last = (max(0, self._index(ms)) for ms in (start_ms, end_ms))
        return Recording(self._ms(first), self.samples[first:last])

    def sounding_ms(self) -> tuple[float, float]:
        """When it is first and last loud."""
        loud = np.flatnonzero(np.abs(self.samples) > _LOUD)
        assert len(loud), "only silence was heard"
        return self._ms(int(loud[0])), self._ms(int(loud[-1]))

    def _index(self, ms: float) -> int:
        return round((ms - self.start_ms) * SAMPLE_RATE / 1_000)

    def _ms(self, index: int) -> float:
        return self.start_ms + index * 1_000 / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class PageCall:
    page: Page

    async def until(self, condition: str, limit_s: float) -> None:
        """Until the JavaScript expression is true, in which `happened(type)` tells whether the
        server has sent such an event. Playwright's own wait_for_function needs eval(), which the
        page's policy forbids. Raises TimeoutError."""
        async with asyncio.timeout(limit_s):
            await self.page.evaluate(_UNTIL.replace("CONDITION", condition))

    async def received(self, *kinds: str) -> list[Entry]:
        """The server's events of these types, in order, with the time at which they came."""
        entries: list[Entry] = await self.page.evaluate("rtcserver.events")
        return [
            entry
            for entry in entries
            if entry["direction"] == "received" and entry["event"]["type"] in kinds
        ]

    async def recording(self) -> Recording:
        found = await self.page.evaluate("recording()")
        resampler = Resampler(_BROWSER_HZ, SAMPLE_RATE)
        pcm = np.frombuffer(base64.b64decode(found["pcm"]), dtype="<i2").astype(np.int16)
        samples = np.concatenate((resampler.push(pcm), resampler.flush()))
        return Recording(found["startMs"], samples)


@asynccontextmanager
async def page_call(url: str, microphone: Path) -> AsyncIterator[PageCall]:
    """Open the page in a Chromium whose microphone plays that WAV, and press Start."""
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, microphone=microphone)
        try:
            page = await browser.new_page()
            await page.goto(url)
            await page.evaluate(RECORDER)
            await page.get_by_role("button", name="Start").click()
            yield PageCall(page)
        finally:
            await browser.close()
