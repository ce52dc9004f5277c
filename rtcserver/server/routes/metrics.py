"""GET /metrics: every series, for Prometheus."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rtcserver.metrics import TASKS


def add_routes(app: web.Application) -> None:
    app.router.add_get("/metrics", _metrics)


async def _metrics(_request: web.Request) -> web.Response:
    TASKS.set(len(asyncio.all_tasks()))
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
