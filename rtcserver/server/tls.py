"""TLS at the door: with a certificate of the operator, or with one of our own."""

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aioice.ice import get_host_addresses

from rtcserver.config import Server
from rtcserver.errors import ConfigError
from rtcserver.server.certificate import fingerprint, own_certificate

_EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Tls:
    """`certificate` is the file that a client may be given to trust."""

    context: ssl.SSLContext
    certificate: Path
    fingerprint: str


def tls(settings: Server) -> Tls | None:
    """None for plain HTTP. Raises ConfigError."""
    given = settings.tls_cert, settings.tls_key
    if settings.tls == "auto":
        if any(given):
            raise ConfigError("server.tls = auto: makes its own certificate; unset server.tls_cert")
        return _auto(settings)
    if not any(given):
        return None
    if not all(given):
        raise ConfigError("server.tls_cert, server.tls_key: one is of no use without the other")
    return _loaded(*map(Path, given), certificate=Path(settings.tls_cert))


def state_folder(settings: Server) -> Path:
    """https://specifications.freedesktop.org/basedir-spec/latest/ unless the settings name one."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(settings.state_dir or Path(base) / "rtcserver")


def _auto(settings: Server) -> Tls:
    folder = state_folder(settings)
    try:
        both, public = own_certificate(folder, _names(settings.host), datetime.now(UTC))
    except OSError as exc:
        raise ConfigError(f"server.state_dir = {folder}: {exc.strerror}") from exc
    return _loaded(both, both, certificate=public)


def _names(host: str) -> Iterator[str]:
    """All by which clients may know us: behind a wildcard, every address of this machine."""
    yield from ("localhost", "127.0.0.1", "::1", socket.gethostname())
    if host in _EVERYWHERE:
        yield from get_host_addresses(use_ipv4=True, use_ipv6=True)
    else:
        yield host


def _loaded(cert: Path, key: Path, *, certificate: Path) -> Tls:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # Debian's Python leaves it to openssl.cnf
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(cert, key, password="")
        return Tls(context, certificate, fingerprint(certificate.read_bytes()))
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else ""
        if isinstance(exc, ssl.SSLError | ValueError):
            why = "not a certificate and its key in PEM, or the key has a password"
        raise ConfigError(f"server.tls_cert, server.tls_key = {cert}, {key}: {why}") from exc
