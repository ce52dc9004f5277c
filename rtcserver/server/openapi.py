"""The HTTP side as OpenAPI 3.1, from the route table and the structs that requests become."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from rtcserver import __version__
from rtcserver.server import session_field
from rtcserver.server.answers import ErrorAnswer
from rtcserver.server.route import JSON, Content, Reply, Route

Node = dict[str, Any]

_PARAMETER = re.compile(r"{(\w+)(?::[^}]*)?}")
_RETRY_AFTER = {429, 503}


def openapi(routes: Iterable[Route]) -> Node:
    """See https://spec.openapis.org/oas/v3.1.1."""
    routes = list(routes)
    kinds = _kinds(routes)
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    by_kind = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, Node] = {}
    for route in routes:
        path = _PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "rtcserver", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _kinds(routes: list[Route]) -> list[Any]:
    contents: list[Content] = [route.body for route in routes]
    contents += [reply.content for route in routes for reply in route.replies]
    used = {repr(kind): kind for content in contents for kind in content.values()}
    return [*used.values(), ErrorAnswer, *session_field.KINDS]


def _operation(route: Route, schemas: Mapping[str, Node]) -> Node:
    errors = {*route.errors, *([401] if route.needs_key else []), *([415] if route.body else [])}
    operation: Node = {
        "summary": route.summary,
        "operationId": "_".join([route.method.lower(), *re.findall(r"\w+", route.path)]),
        "parameters": _parameters(route),
        "responses": {
            **{str(reply.status): _reply(reply, schemas) for reply in route.replies},
            **{str(status): _error(status, schemas) for status in sorted(errors)},
        },
        "security": [{"key": []}] if route.needs_key else [],
    }
    if route.body:
        operation["requestBody"] = {"content": _content(route.body, schemas)}
    return operation


def _parameters(route: Route) -> list[Node]:
    text = {"type": "string"}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in _PARAMETER.findall(route.path)
    ]
    return in_path + [
        {"name": name, "in": "query", "description": meaning, "schema": text}
        for name, meaning in route.query.items()
    ]


def _reply(reply: Reply, schemas: Mapping[str, Node]) -> Node:
    return {
        "description": reply.meaning,
        "headers": {name: _header(meaning) for name, meaning in reply.headers.items()},
        "content": _content(reply.content, schemas),
    }


def _error(status: int, schemas: Mapping[str, Node]) -> Node:
    headers = {"Retry-After": _header("Seconds until to ask again")}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": headers if status in _RETRY_AFTER else {},
        "content": _content({JSON: ErrorAnswer}, schemas),
    }


def _header(meaning: str) -> Node:
    return {"description": meaning, "schema": {"type": "string"}}


def _content(content: Content, schemas: Mapping[str, Node]) -> Node:
    return {media: {"schema": schemas[repr(kind)]} for media, kind in content.items()}
