"""A certificate that the server makes for itself, for names of this machine."""

import ipaddress
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=397)  # browsers refuse more: CA/Browser Forum Baseline Requirements 6.3.2
_RENEW_BEFORE = timedelta(days=30)
_EARLY = timedelta(hours=1)  # clocks of clients may be late


def own_certificate(folder: Path, names: Iterable[str], now: datetime) -> tuple[Path, Path]:
    """Files with certificate and key together, for the server alone, and with the certificate,
    for its clients. Made only if what is there ends soon or lacks one of `names`, which are host
    names and addresses. Raises OSError."""
    both, public = folder / "tls.pem", folder / "certificate.pem"
    names = sorted(set(names))
    if not _is_good(both, names, now):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(key, names, now).public_bytes(Encoding.PEM)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(public, certificate, 0o644)
        _write(both, certificate + secret, 0o600)
    return both, public


def fingerprint(pem: bytes) -> str:
    """SHA-256, as browsers show it. Raises ValueError."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex(":").upper()


def _is_good(path: Path, names: list[str], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return False
    return (
        now < certificate.not_valid_after_utc - _RENEW_BEFORE
        and set(_alternative(names)) <= set(found)
        and path.stat().st_mode & 0o077 == 0
    )


def _signed(key: ec.EllipticCurvePrivateKey, names: list[str], now: datetime) -> x509.Certificate:
    """By itself. Python 3.13 and later check it against all of RFC 5280."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rtcserver")])
    own_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_id)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now - _EARLY + _LIFE)
        .add_extension(x509.SubjectAlternativeName(_alternative(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(own_id, critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(key, hashes.SHA256())
    )


def _alternative(names: Iterable[str]) -> list[x509.GeneralName]:
    return [_general(name) for name in names]


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all; several processes may do it at once, and the last one wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
