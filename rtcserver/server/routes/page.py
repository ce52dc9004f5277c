"""GET / and below: the page in the browser."""

from pathlib import Path

from aiohttp import web

from rtcserver.server.route import Reply, Route

_PACKAGE = Path(__file__).parents[2]
_TYPES = {  # by ourselves: what the system's table says differs from machine to machine
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}

Files = dict[str, Path]
_FILES = web.AppKey("files", Files)


def prepare(app: web.Application) -> None:
    app[_FILES] = _files()


def _files() -> Files:
    """Every file there is, by its path, so that no path can lead anywhere else. In an installed
    package the folder is inside, in a source tree beside it."""
    for folder in (_PACKAGE / "static", _PACKAGE.parent / "static"):
        found = {path for path in folder.rglob("*") if path.suffix in _TYPES}
        if found:
            return {str(path.relative_to(folder)): path for path in found}
    return {}


async def _file(request: web.Request) -> web.FileResponse:
    path = request.app[_FILES].get(request.match_info["path"] or "index.html")
    if path is None:
        raise web.HTTPNotFound(text=f"There is nothing at {request.path}.")
    # A page and its scripts have to be of one version, so a browser asks each time.
    headers = {"Content-Type": _TYPES[path.suffix], "Cache-Control": "no-cache"}
    return web.FileResponse(path, headers=headers)


ROUTES = (
    Route(
        "GET",
        "/{path:.*}",
        _file,
        "Open the page in the browser",
        (Reply(200, "The page, or one of its files", {"text/html": str}),),
        errors=(404,),
        needs_key=False,
    ),
)
