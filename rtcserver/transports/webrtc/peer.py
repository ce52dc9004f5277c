"""Answer an offer: from SDP to a wire that is being connected."""

import asyncio

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription

from rtcserver.config import WebRtc
from rtcserver.errors import CapacityError, ProtocolError
from rtcserver.realtime.dialect import Dialect, RealtimeDialect
from rtcserver.rtp.fragment import read_fragment
from rtcserver.rtp.offer import clean_offer
from rtcserver.transports.inbox import Inbox
from rtcserver.transports.webrtc.closing import close_peer
from rtcserver.transports.webrtc.events import EventChannel
from rtcserver.transports.webrtc.ice_session import IceSession
from rtcserver.transports.webrtc.outbound import VoiceTrack
from rtcserver.transports.webrtc.transport import WebRtcTransport

_ANSWER_TIMEOUT_S = 10.0
# They come all at once if a lost packet held them up, and nothing slows the sender down. Their
# bytes are bounded besides.
_MAX_CLIENT_EVENTS = 10_000


async def accept_offer(
    sdp: bytes | str,
    settings: WebRtc,
    max_event_bytes: int = 2**20,
    dialect: Dialect | None = None,
) -> tuple[str, WebRtcTransport]:
    """The answer, and a transport that its taker has to close. `dialect` is spoken on the data
    channel, if not Realtime itself. Raises ProtocolError for an offer that is no good."""
    offer = clean_offer(sdp, settings.max_sdp_bytes)
    # An empty list, not None: aiortc would ask a public STUN server then.
    servers = [RTCIceServer(urls=list(settings.stun_urls))] if settings.stun_urls else []
    inbox = Inbox(max_events=_MAX_CLIENT_EVENTS)
    events = EventChannel(inbox, max_event_bytes, dialect or RealtimeDialect())
    pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            transport = await _answer(pc, offer, settings, inbox, events)
    except TimeoutError as exc:
        await close_peer(pc)
        raise CapacityError("No answer could be made in time.", retry_after_s=5) from exc
    except Exception as exc:  # aiortc raises seven kinds for an offer it does not like
        await close_peer(pc)
        message = f"The offer cannot be answered: {exc or type(exc).__name__}"
        raise ProtocolError(message, code="invalid_offer", param="sdp") from exc
    except BaseException:
        await close_peer(pc)
        raise
    return transport.ice.answer, transport


async def _answer(
    pc: RTCPeerConnection, offer: str, settings: WebRtc, inbox: Inbox, events: EventChannel
) -> WebRtcTransport:
    voice = VoiceTrack(inbox)
    pc.on("datachannel", events.open)
    await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    pc.addTrack(voice)  # after the offer is set, so that it joins the client's own m-line
    await pc.setLocalDescription(await pc.createAnswer())
    ice = IceSession(pc, read_fragment(offer))
    return WebRtcTransport(pc, inbox, voice, events, ice, settings)
