"""Hold one short call with ourselves, so that the first caller does not pay for imports and
codecs (50 to 210 ms)."""

import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from rtcserver.audio.format import SAMPLES_PER_FRAME, silence
from rtcserver.config import WebRtc
from rtcserver.realtime.dialect import RealtimeDialect
from rtcserver.transports.base import AudioPart
from rtcserver.transports.inbox import Inbox
from rtcserver.transports.webrtc.closing import close_peer
from rtcserver.transports.webrtc.outbound import VoiceTrack
from rtcserver.transports.webrtc.peer import accept_offer

_LIMIT_S = 3.0


async def warm_up(settings: WebRtc) -> None:
    """Raises TimeoutError or ProtocolError if no call comes about on this machine."""
    caller = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        async with asyncio.timeout(_LIMIT_S):
            caller.addTrack(VoiceTrack(Inbox()))
            opened = asyncio.Event()
            caller.createDataChannel(RealtimeDialect.label).on("open", opened.set)
            await caller.setLocalDescription(await caller.createOffer())
            answer, transport = await accept_offer(caller.localDescription.sdp, settings)
            try:
                await caller.setRemoteDescription(RTCSessionDescription(answer, "answer"))
                await transport.write(silence(SAMPLES_PER_FRAME), AudioPart("resp_", "item_"))
                await opened.wait()
                await transport.recv()
            finally:
                await transport.close()
    finally:
        await close_peer(caller)
