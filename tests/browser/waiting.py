"""Wait in the page for a condition, under its strict content policy."""

import asyncio

from playwright.async_api import Page

LIMIT_S = 10.0


async def until(page: Page, condition: str) -> None:
    """Return once the JavaScript expression is true; it is looked at on every picture drawn.

    Page.wait_for_function() polls by eval(), which the policy of our page forbids.
    """
    wait = f"(async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }})()"
    await asyncio.wait_for(page.evaluate(wait), LIMIT_S)
