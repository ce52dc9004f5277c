"""Everybody can use the page: axe finds nothing, keys do everything, a phone shows all."""

from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CONVERSATION = [
    scenes.CREATED,
    scenes.understood("u1", "Count to ten."),
    *scenes.answer("a1", "One, two, three, four, five, six, seven, eight, nine, ten."),
    scenes.latency("a1", 620, endpointing=500, stt=20, llm=40, tts=50, playout=10),
    scenes.truncated("a1"),
    scenes.retrieved("a1", "One, two, three,"),
    scenes.interim("u2", "that will do"),
]


async def violations(page: Page) -> list[str]:
    # Axe measures colours, which must have come to rest.
    endless = "effect.getComputedTiming().iterations === Infinity"
    await until(page, f"document.getAnimations().every(({{ effect }}) => {endless})")
    report = await Axe().run(page)
    return [
        f"{violation['id']}: {[node['html'] for node in violation['nodes']]}"
        for violation in report.response["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_axe_finds_nothing(
    page: Page, server: FakeServer, scheme: Literal["light", "dark"], width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme=scheme)
    assert await violations(page) == []
    await page.get_by_role("button", name="Start").click()
    await server.send(*CONVERSATION)
    await expect(page.get_by_role("log")).to_contain_text("that will do")
    assert await violations(page) == []
    await page.get_by_role("button", name="Stop").click()
    server.api_key = "secret"
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_label("API key")).to_be_visible()
    assert await violations(page) == []


async def test_a_conversation_leaves_the_console_clean(
    page: Page, server: FakeServer, console: list[str]
) -> None:
    """The fake server's policy is default-src 'self': inline code or style would be reported."""
    await page.get_by_role("button", name="Start").click()
    await server.send(*CONVERSATION)
    await expect(page.get_by_role("log")).to_contain_text("that will do")
    await page.get_by_role("button", name="Stop").click()
    await server.hears_hang_up()
    assert console == []


async def test_the_keyboard_starts_and_stops_a_call(page: Page, server: FakeServer) -> None:
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Start")).to_be_focused()
    await page.keyboard.press("Enter")
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("button", name="Stop")).to_be_focused()
    await page.keyboard.press("Space")
    await server.hears_hang_up()


async def test_a_phone_shows_everything_without_scrolling_sideways(
    page: Page, server: FakeServer
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.get_by_role("button", name="Start").click()
    await server.send(*CONVERSATION)
    await expect(page.get_by_role("log")).to_contain_text("that will do")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    for name in ("Stop", "Send"):
        box = await page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 44
    await expect(page.get_by_label("Message")).to_be_in_viewport()


async def test_events_can_be_copied_as_json_lines(page: Page, server: FakeServer, url: str) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    await page.get_by_role("button", name="Start").click()
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("status")).to_have_text("Listening")
    await page.get_by_role("button", name="Copy events").click()
    lines = await page.evaluate(
        "navigator.clipboard.readText().then((text) => text.split('\\n').map(JSON.parse))"
    )
    assert [line["event"]["type"] for line in lines] == ["session.created", "session.update"]
