"""Who may call: anybody who shows one of our keys, or anybody at all if there are none."""

import hmac
import ipaddress
from collections.abc import Iterator

from aiohttp import web
from yarl import URL

from rtcserver.config import Server
from rtcserver.errors import AuthError, ConfigError

# Browsers cannot set headers on a WebSocket, so the key comes as a subprotocol.
_SUBPROTOCOL = "openai-insecure-api-key."


class KeyRing:
    """The keys of the settings, compared in constant time."""

    def __init__(self, settings: Server) -> None:
        """Raises ConfigError when a machine other than this one could call without a key."""
        self._keys = tuple(key.get_secret_value().encode() for key in settings.api_keys)
        if not self._keys and not is_loopback(settings.host):
            raise ConfigError(
                f"server.host = {settings.host}: not a loopback address, so set server.api_keys"
            )

    def check(self, request: web.Request) -> None:
        """Raises AuthError."""
        if self._keys:
            shown = tuple(_shown(request))
            if not any([hmac.compare_digest(key, known) for key in shown for known in self._keys]):
                raise AuthError("Wrong API key." if shown else "An API key is needed.")
        elif not _is_ours(request):
            # Without keys any page that the user happens to open could call from the browser.
            raise AuthError("Without an API key, pages of other hosts may not call.")


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(request: web.Request) -> Iterator[bytes]:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        yield key.strip().encode()
    for offered in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if offered.strip().startswith(_SUBPROTOCOL):
            yield offered.strip().removeprefix(_SUBPROTOCOL).encode()


def _is_ours(request: web.Request) -> bool:
    """Programs send no Origin; pages from this machine are the user's own."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return is_loopback(URL(origin).host or "")
    except ValueError:
        return False
