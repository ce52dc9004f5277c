"""Whether a URL that a client gives lies below one that the operator allows. Fails closed."""

import re
from dataclasses import dataclass

# Less than RFC 3986 has: no user, no fragment, no escapes or dots that could lead out of a path.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*)(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ServerUrl:
    origin: tuple[str, str, int]
    path: tuple[str, ...]


def parse(url: str) -> ServerUrl | None:
    """None for what is not a plain http or https URL."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    scheme, path = found["scheme"].lower(), tuple(part for part in found["path"].split("/") if part)
    if any(part in (".", "..") for part in path):
        return None
    port = int(found["port"] or _PORTS[scheme])
    return ServerUrl((scheme, found["host"].lower(), port), path)


def allowed(url: str, prefixes: tuple[str, ...]) -> bool:
    """Same scheme, host and port as one of `prefixes`, and its path or one below it."""
    wanted = parse(url)
    return wanted is not None and any(
        wanted.origin == prefix.origin and wanted.path[: len(prefix.path)] == prefix.path
        for prefix in map(parse, prefixes)
        if prefix is not None
    )
