"""GET /metrics: every series, for Prometheus."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rtcserver.metrics import TASKS
from rtcserver.server.route import TEXT, Reply, Route


async def _metrics(_request: web.Request) -> web.Response:
    TASKS.set(len(asyncio.all_tasks()))
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES = (
    Route(
        "GET",
        "/metrics",
        _metrics,
        "Read every series",
        (Reply(200, "Prometheus' text format", {TEXT: str}),),
        needs_key=False,
    ),
)
