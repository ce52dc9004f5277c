"""A page about modules that lies."""

import pytest
from aiohttp import web
from pydantic import SecretStr

from rtcserver.services.kyutai_modules import Module, module_at
from tests.adapters.stubs.serving import client, serving

PATH = "/api/asr-streaming"
KEY = SecretStr("public_token")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "no json",
        "{}",
        "[" * 2_000 + "]" * 2_000,
        '[{"type": 7}]',
        '[{"type": "x", "path": "/other"}]',
        "[" + " " * 2**20 + "]",
    ],
    ids=["empty", "text", "object", "nested", "number", "other path", "large"],
)
async def test_it_tells_nothing(page: str) -> None:
    async def tell(_: web.Request) -> web.Response:
        return web.Response(text=page)

    app = web.Application()
    app.router.add_get("/api/modules_info", tell)
    async with serving(app) as address, client() as http:
        assert await module_at(http, "stt", f"ws://{address}", PATH, KEY) is None


@pytest.mark.parametrize(
    ("used", "total"), [("9" * 400, "3"), ("-1", "3"), ("1", "1e9"), ("", "3"), ("1", 10**7)]
)
def test_slots_that_cannot_be_are_none(used: str, total: str | int) -> None:
    assert Module(used_slots=used, total_slots=total).load() is None
