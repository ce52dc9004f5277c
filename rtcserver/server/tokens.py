"""Ephemeral keys: an end of life and a session, signed, so that no process has to remember them.

`ek_` and a JSON Web Token (RFC 7519, HS256): unpadded base64url and dots, which may stand in a
WebSocket subprotocol, where browsers have to send it. The session is sealed (AES-256-GCM): it may
hold what the browser must not read, such as the authorization of an MCP server.
"""

import base64
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwt import InvalidTokenError, PyJWS

from rtcserver.errors import AuthError, ProtocolError

MAX_SESSION_BYTES = 16 * 1024
"""A token travels in one header line; see MAX_HEADER_BYTES."""
MAX_HEADER_BYTES = 32 * 1024
"""Room for the largest token, in base64, with `Authorization: Bearer ek_` before it."""

_PREFIX = "ek_"
_ALGORITHM = "HS256"
_NONCE_BYTES = 12  # NIST SP 800-38D 8.2


@dataclass(frozen=True, slots=True)
class Token:
    """`expires_at` in seconds since the epoch; `session` is the JSON that calls begin with."""

    id: str
    expires_at: int
    session: bytes | None = None


class _Claims(msgspec.Struct):
    jti: str
    exp: int
    session: str | None = None


_CLAIMS = msgspec.json.Decoder(_Claims)


class Mint:
    """Signs tokens, and knows its own again: here, in another process, after a restart."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Whoever knows `secrets` can make tokens. Without any, everybody can: that is right
        where nobody needs a key, since a token then gives nothing but its session."""
        key = _stretched("\0".join(secrets).encode())
        self._key, self._seal = key[:32], AESGCM(key[32:])
        self._signer = PyJWS(algorithms=[_ALGORITHM])

    def issue(self, token: Token) -> str:
        """Raises ProtocolError for a session that would not fit into a header."""
        session = token.session
        if session and len(session) > MAX_SESSION_BYTES:
            raise ProtocolError(
                f"The session is larger than {MAX_SESSION_BYTES} bytes, and travels in a header.",
                code="session_too_large",
                param="session",
            )
        sealed = self._sealed(session, token.id) if session else None
        claims = _Claims(token.id, token.expires_at, sealed)
        return _PREFIX + self._signer.encode(
            msgspec.json.encode(claims), self._key, _ALGORITHM, headers={"typ": "JWT"}
        )

    def read(self, text: str, at: float) -> Token:
        """`at` in seconds since the epoch. Raises AuthError."""
        try:
            signed = self._signer.decode(text.removeprefix(_PREFIX), self._key, [_ALGORITHM])
            claims = _CLAIMS.decode(signed)
            session = self._opened(claims.session, claims.jti) if claims.session else None
        except (InvalidTokenError, InvalidTag, msgspec.DecodeError, ValueError) as exc:
            raise AuthError("Wrong client secret.") from exc
        if at >= claims.exp:
            raise AuthError("The client secret has expired.")
        return Token(claims.jti, claims.exp, session)

    def _sealed(self, session: bytes, token_id: str) -> str:
        """Bound to this token, so that it cannot be moved to another."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._seal.encrypt(nonce, session, token_id.encode())
        return base64.urlsafe_b64encode(sealed).decode()

    def _opened(self, sealed: str, token_id: str) -> bytes:
        """Raises InvalidTag, ValueError."""
        raw = base64.urlsafe_b64decode(sealed)
        return self._seal.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], token_id.encode())


def is_token(key: str) -> bool:
    """Whether `key` has the form of a token of ours."""
    return key.startswith(_PREFIX) and key.count(".") == 2


@lru_cache(maxsize=8)
def _stretched(secret: bytes) -> bytes:
    """32 bytes to sign with, as RFC 7518 3.2 asks for, and 32 to seal with. Slow (50 ms), since
    whoever holds a token could guess at a short secret behind it."""
    return hashlib.scrypt(secret, salt=b"rtcserver client secrets", n=2**14, r=8, p=1, dklen=64)
