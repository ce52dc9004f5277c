"""What offer and answer agreed on, and what the client finds out later: trickle ICE (RFC 8838)."""

from collections.abc import Iterable

from aiortc import RTCPeerConnection
from aiortc.sdp import candidate_from_sdp

from rtcserver.rtp.fragment import Fragment
from rtcserver.transports.webrtc.aiortc_private import ice_transports

_MOST = 32  # candidates in a call; each costs checks to an address that the client chose


class IceSession:
    """The one ICE session of a call: aioice cannot restart."""

    def __init__(self, pc: RTCPeerConnection, offer: Fragment) -> None:
        self.answer: str = pc.localDescription.sdp
        self.offer = offer
        self._pc = pc
        self._seen = set(offer.candidates)

    async def add(self, candidates: Iterable[str]) -> None:
        """As read_fragment() gives them. Known ones, and those above the limit, are ignored."""
        (ice,) = ice_transports(self._pc)
        for candidate in candidates:
            if candidate not in self._seen and len(self._seen) < _MOST:
                self._seen.add(candidate)
                await ice.addRemoteCandidate(candidate_from_sdp(candidate))
