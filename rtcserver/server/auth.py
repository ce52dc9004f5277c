"""Who may call: anybody who shows one of our keys, or anybody at all if there are none."""

import hmac
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web
from yarl import URL

from rtcserver.config import Server
from rtcserver.errors import AuthError, ConfigError
from rtcserver.server.tokens import Mint, Token, is_token
from rtcserver.timer import epoch_now

# Browsers cannot set headers on a WebSocket, so the key comes as a subprotocol.
_SUBPROTOCOL = "openai-insecure-api-key."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `name` says whose calls these are: those of a key, a token or an address."""

    name: str
    token: Token | None = None


class KeyRing:
    """The keys of the settings, compared in constant time, and the tokens made with them."""

    def __init__(self, settings: Server) -> None:
        """Raises ConfigError when a machine other than this one could call without a key."""
        keys = [key.get_secret_value() for key in settings.api_keys]
        secret = settings.token_secret.get_secret_value()
        self._keys = tuple(key.encode() for key in keys)
        self.mint = Mint([secret] if secret else keys)
        if not self._keys and not is_loopback(settings.host):
            raise ConfigError(
                f"server.host = {settings.host}: not a loopback address, so set server.api_keys"
            )

    @property
    def open(self) -> bool:
        """Whether programs and pages of this machine may call without a key."""
        return not self._keys

    def check(self, request: web.Request) -> Visitor:
        """For a call. Raises AuthError."""
        token = next((key for key in _shown(request) if is_token(key)), None)
        if token is None:
            return self.check_key(request)
        if self.open:
            _refuse_foreign_pages(request)
        read = self.mint.read(token, epoch_now())
        return Visitor(f"token {read.id}", read)

    def check_key(self, request: web.Request) -> Visitor:
        """For what a token does not allow, such as making further tokens. Raises AuthError."""
        if self.open:
            _refuse_foreign_pages(request)
            return Visitor(f"address {request.remote}")
        shown = tuple(_shown(request))
        known = [self._index(key.encode(errors="surrogateescape")) for key in shown]
        if not any(known):
            raise AuthError("Wrong API key." if shown else "An API key is needed.")
        return Visitor(f"key {max(known)}")

    def _index(self, shown: bytes) -> int:
        """Which key it is, from 1; 0 if none. Every key is compared, whatever is found."""
        equal = [hmac.compare_digest(shown, key) for key in self._keys]
        return max(number * same for number, same in enumerate(equal, 1))


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(request: web.Request) -> Iterator[str]:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        yield key.strip()
    for offered in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if offered.strip().startswith(_SUBPROTOCOL):
            yield offered.strip().removeprefix(_SUBPROTOCOL)


def _refuse_foreign_pages(request: web.Request) -> None:
    """Without keys any page that the user happens to open could call from the browser. Programs
    send no Origin; pages from this machine are the user's own."""
    origin = request.headers.get("Origin")
    if origin is not None and not is_loopback(_host(origin)):
        raise AuthError("Without an API key, pages of other hosts may not call.")


def _host(origin: str) -> str:
    try:
        return URL(origin).host or ""
    except ValueError:
        return ""
