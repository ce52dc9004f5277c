"""Notice that a peer never came, or has gone."""

import asyncio
from contextlib import suppress

from aiortc import RTCPeerConnection

from rtcserver.config import WebRtc
from rtcserver.timer import now
from rtcserver.transports.webrtc.aiortc_private import PacketGate


async def gone(pc: RTCPeerConnection, gate: PacketGate, settings: WebRtc) -> str:
    """Wait until the peer is lost, and say how. aiortc itself waits for ever for a peer that
    never comes, and half a minute for one that has vanished."""
    changed = asyncio.Event()
    pc.on("connectionstatechange", changed.set)
    connect_by = now() + settings.connect_timeout_s
    while True:
        changed.clear()
        match pc.connectionState:
            case "closed":
                return "the client hung up"
            case "failed":
                return "the connection failed"
            case "connected":
                quiet_until = gate.last_packet_at + settings.disconnect_timeout_s
                reason = f"nothing came from the client for {settings.disconnect_timeout_s:g} s"
            case _:
                quiet_until = connect_by
                reason = f"the client did not connect within {settings.connect_timeout_s:g} s"
        wait = quiet_until - now()
        if wait <= 0:
            return reason
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await changed.wait()
