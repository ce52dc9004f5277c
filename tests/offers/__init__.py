"""Offers as clients send them (names and addresses are from the documentation ranges)."""

from pathlib import Path

NAMES = ("chromium", "chromium_video", "firefox", "lone_audio")


def load(name: str) -> str:
    """The offer as it is on the wire, with CRLF line ends."""
    text = Path(__file__).with_name(f"{name}.sdp").read_text()
    return text.replace("\n", "\r\n")
