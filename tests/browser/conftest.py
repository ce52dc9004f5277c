"""One Chromium for all tests of the page, and for each a fresh page served by a fake server.

The browser lives on the session's event loop, so its tests say `asyncio(loop_scope="session")`.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.browser import chromium
from tests.browser.fake_server import FakeServer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[FakeServer]:
    server = FakeServer()
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def url(server: FakeServer) -> AsyncIterator[str]:
    async with TestServer(server.app()) as http:
        yield f"http://localhost:{http.port}/"


@pytest.fixture
def console() -> list[str]:
    """Errors and warnings that `page` has caused."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, url: str, console: list[str]) -> AsyncIterator[Page]:
    context = await browser.new_context()
    page = await context.new_page()

    def keep(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            console.append(message.text)

    page.on("console", keep)
    page.on("pageerror", lambda error: console.append(str(error)))
    await page.goto(url)
    yield page
    await context.close()
