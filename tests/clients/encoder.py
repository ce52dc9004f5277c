"""FFmpeg's WHIP muxer, out of the PyAV wheel: speaks a file into a call at the pace of a voice."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_RATE_HZ = 48_000
_PACKET = 960  # samples: 20 ms


def write_certificate(folder: Path) -> dict[str, str]:
    """Options for the muxer. Its own certificate is on the curve P-224, which OpenSSL's DTLS
    refuses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "encoder")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, secret))
    return {"cert_file": str(folder / "cert.pem"), "key_file": str(folder / "key.pem")}


def speak(url: str, wav: Path, options: dict[str, str]) -> None:
    """Offers, sends all of the WAV, and deletes the session. Blocks; raises av.FFmpegError."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=_RATE_HZ, frame_size=_PACKET)
    with av.open(str(wav)) as source, av.open(url, "w", format="whip", options=options) as call:
        voice = call.add_stream("libopus", rate=_RATE_HZ, layout="stereo")
        start = time.monotonic()
        for decoded in source.decode(audio=0):
            for frame in resampler.resample(decoded):
                call.mux(voice.encode(frame))
                said_s = (frame.pts or 0) / _RATE_HZ
                time.sleep(max(0.0, start + said_s - time.monotonic()))
