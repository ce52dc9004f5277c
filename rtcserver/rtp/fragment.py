"""Read what a client says about ICE after its offer: an SDP fragment (RFC 8840 4.4).

An offer itself can be read as one too: then this is what it says about ICE.
"""

from dataclasses import dataclass

from rtcserver.errors import ProtocolError
from rtcserver.rtp.offer_grammar import MEDIA_ONLY, SESSION_AND_MEDIA, usable_candidate

_MAX_BYTES = 65_536
_CREDENTIALS = ("ice-ufrag", "ice-pwd")


@dataclass(frozen=True, slots=True)
class Fragment:
    """`candidates` as in `a=candidate:`, only those to which a packet can do good."""

    ufrag: str | None = None
    password: str | None = None
    candidates: tuple[str, ...] = ()

    def restarts(self, session: "Fragment") -> bool:
        """Whether it begins another ICE session (RFC 8839 4.4.1.1.1): new credentials say so."""
        news = (self.ufrag, self.password)
        return any(new and new != old for new, old in zip(news, session.credentials, strict=True))

    @property
    def credentials(self) -> tuple[str | None, str | None]:
        return self.ufrag, self.password


def read_fragment(text: bytes | str) -> Fragment:
    """The first credentials, and every candidate once. Raises ProtocolError."""
    if len(text) > _MAX_BYTES:
        raise _invalid(f"The fragment is larger than {_MAX_BYTES} bytes.")
    try:
        lines = (text if isinstance(text, str) else text.decode()).splitlines()
    except UnicodeDecodeError as exc:
        raise _invalid("The fragment is not text in UTF-8.") from exc
    found: dict[str, str] = {}
    candidates: dict[str, None] = {}
    for number, line in enumerate(filter(None, lines), start=1):
        if line[1:2] != "=":
            raise _invalid(f"Line {number} of the fragment is not SDP.")
        name, _, value = line[2:].partition(":")
        if line[0] != "a":
            continue
        if name in _CREDENTIALS:
            if not SESSION_AND_MEDIA[name].fullmatch(value):
                raise _invalid(f"The fragment has a malformed a={name} line.")
            found.setdefault(name, value)
        elif name == "candidate" and (candidate := read_candidate(value)):
            candidates[candidate] = None
    return Fragment(found.get("ice-ufrag"), found.get("ice-pwd"), tuple(candidates))


def read_candidate(value: str) -> str | None:
    """One that cannot be used is no error (RFC 9725 4.3.2): None."""
    if MEDIA_ONLY["candidate"].fullmatch(value):
        return usable_candidate(value)
    return None


def _invalid(message: str) -> ProtocolError:
    return ProtocolError(message, code="invalid_fragment")
