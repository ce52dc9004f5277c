"""What each line of an offer that matters to us must look like; every other line is dropped."""

import ipaddress
import re
from re import Pattern

_TOKEN = r"[!#-'*+\-.0-9A-Z^-~]"  # RFC 8866 9: `token`, without characters that end a field
_ICE = r"[A-Za-z0-9+/]"  # RFC 8839 5.4: `ice-char`
_SHA = r"(?:[0-9A-Fa-f]{2}:){%d}[0-9A-Fa-f]{2}"

M_LINE = re.compile(r"(audio|video|application) (\d{1,5}) ([A-Z/]{1,32}) (\S+(?: \S+){0,63})")

SESSION_AND_MEDIA: dict[str, Pattern[str]] = {
    # RFC 8122 5, and at least SHA-256 (RFC 8827 6.5): a weaker one counts as none.
    "fingerprint": re.compile(
        rf"(?i:sha-256) {_SHA % 31}|(?i:sha-384) {_SHA % 47}|(?i:sha-512) {_SHA % 63}"
    ),
    "setup": re.compile("actpass|active|passive"),
    "ice-ufrag": re.compile(_ICE + "{4,256}"),
    "ice-pwd": re.compile(_ICE + "{22,256}"),
}
SESSION_ONLY: dict[str, Pattern[str]] = {
    "group": re.compile(rf"BUNDLE(?: {_TOKEN}{{1,32}}){{1,8}}"),
    "ice-lite": re.compile(""),
}
MEDIA_ONLY: dict[str, Pattern[str]] = {
    "mid": re.compile(_TOKEN + "{1,32}"),
    "rtcp-mux": re.compile(""),
    # Only what we can speak: Opus for the call, VP8 for a video that is answered inactive.
    "rtpmap": re.compile(r"\d{1,3} (?:(?i:opus)/48000/2|(?i:vp8)/90000)"),
    "sctp-port": re.compile(r"\d{1,5}"),
    "max-message-size": re.compile(r"\d{1,10}"),
    "candidate": re.compile(
        rf"{_ICE}{{1,32}} 1 (?i:udp) \d{{1,10}} [0-9A-Fa-f.:]{{2,39}} [1-9]\d{{0,4}}"
        r" typ (?:host|srflx|prflx|relay)(?: [\x21-\x7e]{1,64}){0,16}"
    ),
}
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

# A line that breaks these is only ignored: peer-reflexive candidates replace it, a stronger
# fingerprint may stand beside it, and other codecs are no business of ours.
FORGIVEN = frozenset({"candidate", "fingerprint", "rtpmap", "group"})
MOST_OF_EACH = {"candidate": 16, "fingerprint": 4, "rtpmap": 8}


def usable_candidate(value: str) -> str | None:
    """The candidate without its extensions, or None if a packet to it can do no good."""
    fields = value.split(" ")
    try:
        address = ipaddress.ip_address(fields[4])
    except ValueError:
        return None
    # A browser is never there, so a check sent there only serves whoever wants us to send it.
    if address.is_multicast or address.is_unspecified or address.is_loopback:
        return None
    if address.is_link_local or int(fields[5]) > 65_535:
        return None
    return " ".join(fields[:8])
