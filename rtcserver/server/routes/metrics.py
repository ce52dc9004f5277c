"""GET /metrics: every series, for Prometheus."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def add_routes(app: web.Application) -> None:
    app.router.add_get("/metrics", _metrics)


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
