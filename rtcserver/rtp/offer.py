"""Stand guard before aiortc: refuse a bad offer, write a good one anew from what was understood.

aiortc checks little: garbage is answered, a missing fingerprint hangs the call, thousands of
lines freeze the loop. So nothing of a client's text goes through except values that matched the
grammar, in lines we write ourselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rtcserver.rtp.offer_grammar import usable_candidate
from rtcserver.rtp.offer_parts import Part, invalid_offer, take_apart

_RTP_PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF")
_DATA_PROTOCOLS = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP")


@dataclass(frozen=True, slots=True)
class _Transport:
    """What all m-lines of a BUNDLE have in common."""

    ufrag: str
    password: str
    setup: str
    fingerprints: tuple[str, ...]


def clean_offer(sdp: bytes | str, max_bytes: int = 65_536) -> str:
    """An offer that aiortc can digest in a few milliseconds. Raises ProtocolError."""
    if len(sdp) > max_bytes:
        raise invalid_offer(f"The offer is larger than {max_bytes} bytes.")
    try:
        text = sdp if isinstance(sdp, str) else sdp.decode()
    except UnicodeDecodeError as exc:
        raise invalid_offer("The offer is not text in UTF-8.") from exc
    session, media = take_apart(text)
    _check_media(media)
    _check_bundle(session, media)
    transport = _common_transport(session, media)
    return "\r\n".join(_lines(session, media, transport)) + "\r\n"


def _check_media(media: list[Part]) -> None:
    if not any(part.kind == "audio" for part in media):
        raise invalid_offer("The offer has no audio m-line.")
    if sum(part.kind == "application" for part in media) > 1:
        raise invalid_offer("The offer has more than one data m-line.")
    for part in media:
        if part.kind == "application":
            _check_data(part)
        else:
            _check_rtp(part)


def _check_data(part: Part) -> None:
    if part.protocol not in _DATA_PROTOCOLS or part.formats != ("webrtc-datachannel",):
        raise invalid_offer("The data m-line is not UDP/DTLS/SCTP webrtc-datachannel.")
    if not 0 < int(part.first("sctp-port") or 0) < 65_536:
        raise invalid_offer("The data m-line has no valid a=sctp-port.")


def _check_rtp(part: Part) -> None:
    if part.protocol not in _RTP_PROTOCOLS:
        raise invalid_offer(f"The {part.kind} m-line is not UDP/TLS/RTP/SAVPF.")
    if part.first("rtcp-mux") is None:
        raise invalid_offer(f"The {part.kind} m-line has no a=rtcp-mux.")
    if not _rtpmaps(part):
        codec = "Opus" if part.kind == "audio" else "VP8"
        raise invalid_offer(f"The {part.kind} m-line does not offer {codec}.")


def _rtpmaps(part: Part) -> dict[str, str]:
    """Payload type -> rtpmap line, of the codec we speak, in the client's order."""
    codec = "opus/" if part.kind == "audio" else "vp8/"
    return {
        payload_type: line
        for line in part.all("rtpmap")
        for payload_type, name in [line.split(" ", 1)]
        if payload_type in part.formats
        and name.lower().startswith(codec)
        # RFC 5761 4: 72..76 look like RTCP when multiplexed
        and int(payload_type) < 128
        and not 72 <= int(payload_type) <= 76
    }


def _check_bundle(session: Part, media: list[Part]) -> None:
    mids = [part.first("mid") for part in media]
    if mids == [None] and session.first("group") is None:
        media[0].attributes["mid"] = ["0"]  # a lone m-line needs no name, but aiortc gives it one
        return
    if None in mids or len(set(mids)) < len(mids):
        raise invalid_offer("Each m-line needs an a=mid of its own.")
    grouped = (session.first("group") or "").split(" ")[1:]
    if len(media) > 1 and sorted(grouped) != sorted(map(str, mids)):
        raise invalid_offer("All m-lines must be in one BUNDLE group.")


def _common_transport(session: Part, media: list[Part]) -> _Transport:
    """Raises ProtocolError if something is missing, or if m-lines of the BUNDLE differ."""
    transports = {_transport(session, part) for part in media}
    if len(transports) > 1:
        raise invalid_offer("M-lines of one BUNDLE differ in ICE or DTLS parameters.")
    return transports.pop()


def _transport(session: Part, part: Part) -> _Transport:
    def needed(name: str) -> str:
        value = part.first(name) or session.first(name)
        if value is None:
            raise invalid_offer(f"The {part.kind} m-line has no a={name}.")
        return value

    needed("fingerprint")
    return _Transport(
        ufrag=needed("ice-ufrag"),
        password=needed("ice-pwd"),
        setup=needed("setup"),
        fingerprints=part.all("fingerprint") or session.all("fingerprint"),
    )


def _lines(session: Part, media: list[Part], transport: _Transport) -> Iterator[str]:
    yield from ("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0")
    if session.first("ice-lite") is not None:
        yield "a=ice-lite"
    yield "a=group:BUNDLE " + " ".join(str(part.first("mid")) for part in media)
    voice = next(part for part in media if part.kind == "audio")
    for part in media:
        direction = (part.direction or session.direction or "sendrecv") if part is voice else None
        yield from _part_lines(part, direction or "inactive")
        yield f"a=ice-ufrag:{transport.ufrag}"
        yield f"a=ice-pwd:{transport.password}"
        yield f"a=setup:{transport.setup}"
        for fingerprint in transport.fingerprints:
            yield f"a=fingerprint:{fingerprint}"
        # No a=end-of-candidates: aioice would give up before the client's first check arrives.
        for candidate in map(usable_candidate, part.all("candidate")):
            if candidate:
                yield f"a=candidate:{candidate}"


def _part_lines(part: Part, direction: str) -> Iterator[str]:
    if part.kind == "application":
        yield "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"
        yield "c=IN IP4 0.0.0.0"
        yield f"a=sctp-port:{int(part.first('sctp-port') or 0)}"
        # RFC 8841 6: 64 KiB if nothing is said
        yield f"a=max-message-size:{int(part.first('max-message-size') or 65_536)}"
    else:
        maps = _rtpmaps(part)
        yield f"m={part.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(maps)}"
        yield "c=IN IP4 0.0.0.0"
        yield f"a={direction}"
        yield "a=rtcp-mux"
        for line in maps.values():
            yield f"a=rtpmap:{line}"
    yield f"a=mid:{part.first('mid')}"
