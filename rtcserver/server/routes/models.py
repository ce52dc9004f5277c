"""GET /v1/models: the names of models that a session may ask for."""

from collections.abc import Iterator

import msgspec
from aiohttp import web
from msgspec import Struct

from rtcserver.config import Settings
from rtcserver.server.context import allowed
from rtcserver.server.route import JSON, Reply, Route

_PATH = "/v1/models"


class Model(Struct, frozen=True, kw_only=True):
    """`created` is a date in OpenAI's list; a name has none here."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str = "rtcserver"


class Models(Struct, frozen=True, kw_only=True):
    object: str = "list"
    data: tuple[Model, ...]


def _names(settings: Settings) -> Iterator[str]:
    yield settings.session.model
    yield from settings.llm.model_map


async def _list(request: web.Request) -> web.Response:
    context, _ = allowed(request)
    models = Models(data=tuple(Model(id=name) for name in _names(context.settings)))
    return web.Response(body=msgspec.json.encode(models), content_type=JSON)


async def _one(request: web.Request) -> web.Response:
    """Any other name may be asked for too, but is not a model of this server."""
    context, _ = allowed(request)
    name = request.match_info["model"]
    if name not in _names(context.settings):
        raise web.HTTPNotFound(text=f"There is no model {name}.")
    return web.Response(body=msgspec.json.encode(Model(id=name)), content_type=JSON)


ROUTES = (
    Route("GET", _PATH, _list, "List the models", (Reply(200, "All of them", {JSON: Models}),)),
    Route(
        "GET",
        _PATH + "/{model:.+}",
        _one,
        "Ask for one model",
        (Reply(200, "There is such a model", {JSON: Model}),),
        errors=(404,),
    ),
)
