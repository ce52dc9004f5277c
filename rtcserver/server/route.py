"""One thing that a client can ask for, and all that /openapi.json tells of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

JSON, SDP, TEXT = "application/json", "application/sdp", "text/plain"
FORM = "multipart/form-data"

Content = Mapping[str, Any]
"""By media type what msgspec makes of the body: a struct, `str` for text."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One way in which it is answered. `headers` by name, with what they mean."""

    status: int
    meaning: str
    content: Content = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """`path` as aiohttp spells it; `query` by name with what it means; `errors` are the statuses
    with an error in the body, but for 401 and 415, which go with `needs_key` and `body`."""

    method: str
    path: str
    handler: Handler
    summary: str
    replies: tuple[Reply, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Content = field(default_factory=dict)
    errors: tuple[int, ...] = ()
    needs_key: bool = True


TABLE = web.AppKey("table", tuple[Route, ...])
