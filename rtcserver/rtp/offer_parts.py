"""Take an offer apart into its session part and one part per m-line."""

from dataclasses import dataclass, field
from re import Pattern

from rtcserver.errors import ProtocolError
from rtcserver.rtp import offer_grammar as grammar

_MAX_LINES = 2_000
_MAX_LINE = 1_024
_MAX_MEDIA = 8


def invalid_offer(message: str) -> ProtocolError:
    return ProtocolError(message, code="invalid_offer", param="sdp")


@dataclass(slots=True)
class Part:
    """The attributes of one part that the grammar lets through; `kind` is "" for the session."""

    kind: str = ""
    protocol: str = ""
    formats: tuple[str, ...] = ()
    direction: str | None = None
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        return next(iter(self.attributes.get(name, ())), None)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self.attributes.get(name, ()))

    @property
    def grammar(self) -> dict[str, Pattern[str]]:
        return _MEDIA_GRAMMAR if self.kind else _SESSION_GRAMMAR

    def read_attribute(self, line: str) -> None:
        """Keep `name:value` if it is known, well formed and not one too many."""
        name, _, value = line.partition(":")
        if name in grammar.DIRECTIONS and not value:
            self.direction = name
            return
        pattern = self.grammar.get(name)
        if pattern is None:
            return
        if not pattern.fullmatch(value):
            if name in grammar.FORGIVEN:
                return
            raise invalid_offer(f"The offer has a malformed a={name} line.")
        kept = self.attributes.setdefault(name, [])
        if len(kept) < grammar.MOST_OF_EACH.get(name, 1):
            kept.append(value)


_SESSION_GRAMMAR = grammar.SESSION_AND_MEDIA | grammar.SESSION_ONLY
_MEDIA_GRAMMAR = grammar.SESSION_AND_MEDIA | grammar.MEDIA_ONLY


def take_apart(sdp: str) -> tuple[Part, list[Part]]:
    """The session part and the media parts, in order. Raises ProtocolError."""
    lines = [line.rstrip("\r") for line in sdp.split("\n")]
    if lines[0] != "v=0":
        raise invalid_offer("The offer is not SDP: it does not begin with v=0.")
    if len(lines) > _MAX_LINES:
        raise invalid_offer(f"The offer has more than {_MAX_LINES} lines.")
    session, media = Part(), list[Part]()
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        if len(line) > _MAX_LINE or line[1:2] != "=":
            raise invalid_offer(f"Line {number} of the offer is not SDP.")
        if line[0] == "m":
            media.append(_media(line[2:], number))
        elif line[0] == "a":
            (media[-1] if media else session).read_attribute(line[2:])
    if len(media) > _MAX_MEDIA:
        raise invalid_offer(f"The offer has more than {_MAX_MEDIA} m-lines.")
    return session, media


def _media(line: str, number: int) -> Part:
    match = grammar.M_LINE.fullmatch(line)
    if not match:
        raise invalid_offer(f"Line {number} of the offer is not an m-line of audio, video or data.")
    kind, _, protocol, formats = match.groups()
    return Part(kind, protocol, tuple(formats.split(" ")))
