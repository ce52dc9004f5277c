"""The certificate that the server makes for itself, and that of an operator."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from rtcserver.config import Server
from rtcserver.errors import ConfigError
from rtcserver.server.certificate import fingerprint, own_certificate
from rtcserver.server.tls import state_folder, tls

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NAMES = ("localhost", "127.0.0.1", "::1", "voice.lan")


def test_it_names_what_it_is_for_and_lives_as_long_as_browsers_allow(tmp_path: Path) -> None:
    _, public = own_certificate(tmp_path / "state", NAMES, NOON)
    certificate = x509.load_pem_x509_certificate(public.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "voice.lan"]
    assert sorted(map(str, names.get_values_for_type(x509.IPAddress))) == ["127.0.0.1", "::1"]
    assert certificate.public_key().curve.name == "secp256r1"  # type: ignore[union-attr]
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < timedelta(days=398)


def test_the_key_is_for_the_server_alone(tmp_path: Path) -> None:
    both, public = own_certificate(tmp_path / "state", NAMES, NOON)
    assert both.stat().st_mode & 0o777 == 0o600
    assert both.parent.stat().st_mode & 0o777 == 0o700
    assert "PRIVATE" in both.read_text()
    assert "PRIVATE" not in public.read_text()
    assert sorted(path.name for path in both.parent.iterdir()) == ["certificate.pem", "tls.pem"]


def test_it_is_kept_until_it_ends_soon_or_lacks_a_name(tmp_path: Path) -> None:
    def shown(names: tuple[str, ...], now: datetime) -> str:
        return fingerprint(own_certificate(tmp_path, names, now)[1].read_bytes())

    first = shown(NAMES, NOON)
    assert shown(NAMES, NOON + timedelta(days=366)) == first
    assert shown(NAMES[:2], NOON) == first
    renewed = shown(NAMES, NOON + timedelta(days=367))
    assert renewed != first
    assert shown((*NAMES, "10.0.0.7"), NOON + timedelta(days=367)) != renewed


def test_a_key_that_others_can_read_is_replaced(tmp_path: Path) -> None:
    both, public = own_certificate(tmp_path, NAMES, NOON)
    first = public.read_bytes()
    both.chmod(0o644)
    assert own_certificate(tmp_path, NAMES, NOON)[1].read_bytes() != first
    assert both.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "tls.pem").write_text("half a cert")
    own_certificate(tmp_path, NAMES, NOON)
    assert "PRIVATE" in (tmp_path / "tls.pem").read_text()


def test_plain_http_needs_no_files() -> None:
    assert tls(Server()) is None


def test_an_operators_files_are_taken(tmp_path: Path) -> None:
    both, public = own_certificate(tmp_path, NAMES, NOON)
    found = tls(Server(tls_cert=str(public), tls_key=str(both)))
    assert found is not None
    assert found.fingerprint == fingerprint(public.read_bytes())
    assert found.context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"tls_cert": "cert.pem"}, "one is of no use without the other"),
        ({"tls_key": "key.pem"}, "one is of no use without the other"),
        ({"tls_cert": "none.pem", "tls_key": "none.pem"}, "none.pem: No such file or directory"),
        ({"tls_cert": "text.pem", "tls_key": "text.pem"}, "not a certificate and its key in PEM"),
        ({"tls_cert": "own.pem", "tls_key": "text.pem"}, "not a certificate and its key in PEM"),
        ({"tls": "auto", "tls_cert": "cert.pem", "tls_key": "k"}, "unset server.tls_cert"),
        ({"tls": "auto", "state_dir": "text.pem"}, "server.state_dir = text.pem: "),
    ],
)
def test_what_is_wrong_with_files_is_one_line(
    settings: dict[str, str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.pem").write_text("not PEM")
    _, public = own_certificate(tmp_path / "state", NAMES, NOON)
    public.rename(tmp_path / "own.pem")
    with pytest.raises(ConfigError, match=why) as refused:
        tls(Server.model_validate(settings))
    assert "\n" not in str(refused.value)


def test_where_state_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert state_folder(Server()) == Path("/var/state/rtcserver")
    assert state_folder(Server(state_dir="/srv/x")) == Path("/srv/x")
