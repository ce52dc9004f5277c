"""Pages of js/ in a Chromium, from an origin that is not the server's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from tests.browser import chromium
from tests.clients import node


@asynccontextmanager
async def page_of(name: str, microphone: Path, script: str = "") -> AsyncIterator[Page]:
    """js/`name`, loaded; the WAV `microphone` is played once the page listens to it. `script` is
    there as bundle/`script`, with its packages."""
    app = web.Application()
    with TemporaryDirectory() as folder:
        if script:
            await node.bundle(script, Path(folder))
        app.router.add_static("/bundle", folder)
        app.router.add_static("/", node.HERE)
        async with _loaded(app, name, microphone) as page:
            yield page


@asynccontextmanager
async def _loaded(app: web.Application, name: str, microphone: Path) -> AsyncIterator[Page]:
    async with TestServer(app) as files, async_playwright() as playwright:
        browser = await chromium.launch(playwright, microphone=microphone)
        try:
            page = await browser.new_page()
            await page.goto(str(files.make_url(name)))
            yield page
        finally:
            await browser.close()
