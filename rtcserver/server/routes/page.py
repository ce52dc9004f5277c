"""GET / and below: the page in the browser."""

from pathlib import Path

from aiohttp import web

_PACKAGE = Path(__file__).parents[2]


def add_routes(app: web.Application) -> None:
    folder = _folder()
    if folder:
        app.router.add_get("/", _index)
        app.router.add_static("/", folder)


def _folder() -> Path | None:
    """Inside the installed package, or beside it in a source tree."""
    found = (path for path in (_PACKAGE / "static", _PACKAGE.parent / "static") if path.is_dir())
    return next(found, None)


async def _index(_request: web.Request) -> web.FileResponse:
    folder = _folder()
    if folder is None:
        raise web.HTTPNotFound
    return web.FileResponse(folder / "index.html")
