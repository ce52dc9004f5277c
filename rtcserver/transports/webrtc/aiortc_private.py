"""Every touch of a private name of aiortc or aioice, each with its reason (1.16 and 0.13)."""

import asyncio
from collections.abc import Iterator
from typing import Any

from aiortc import RTCIceTransport, RTCPeerConnection

from rtcserver.timer import now

_LONGEST_DATAGRAM = 1_500


class PacketGate:
    """Stands between ICE and DTLS. Keeps out datagrams that end the call, and knows when the
    last good one came.

    Reason: RTCDtlsTransport._recv_next raises IndexError for an empty datagram, and pylibsrtp
    ValueError for one over 1 500 bytes; either ends its pump for good, whoever sent it.
    """

    def __init__(self, ice: RTCIceTransport) -> None:
        self.last_packet_at = now()
        self._recv = ice._recv
        ice._recv = self.recv

    async def recv(self) -> bytes:
        while True:
            data: bytes = await self._recv()
            if 0 < len(data) <= _LONGEST_DATAGRAM:
                self.last_packet_at = now()
                return data


def ice_transports(pc: RTCPeerConnection) -> set[RTCIceTransport]:
    """Public names only; a BUNDLE has one."""
    found = {transceiver.receiver.transport.transport for transceiver in pc.getTransceivers()}
    if pc.sctp:
        found.add(pc.sctp.transport.transport)
    return found


def unblock_close(pc: RTCPeerConnection) -> None:
    """Say "exited" for senders' and receivers' tasks that died without saying so.

    Reason: _run_rtcp dies of a report it cannot pack (more than 56 SSRCs, or a wall clock that
    jumped) without setting the event for which stop(), and so close(), waits for ever.
    """
    for end, role in _ends(pc):
        for stream in ("rtp", "rtcp"):
            task = getattr(end, f"_{role}__{stream}_task", None)
            if isinstance(task, asyncio.Future) and task.done():
                getattr(end, f"_{role}__{stream}_exited").set()


def cut_off(pc: RTCPeerConnection) -> None:
    """End threads, tasks and sockets of a connection whose close() failed.

    Reason: close() stops at its first exception, and has no time limit.
    """
    for end, role in _ends(pc):
        for stream in ("rtp", "rtcp"):
            task = getattr(end, f"_{role}__{stream}_task", None)
            if isinstance(task, asyncio.Future):
                task.cancel()
        decoder = getattr(end, f"_{role}__decoder_queue", None)
        if decoder is not None:
            decoder.put(None)  # the decoder thread ends at this mark
    for ice in ice_transports(pc):
        for protocol in ice._connection._protocols:
            protocol.transport.abort()


def _ends(pc: RTCPeerConnection) -> Iterator[tuple[Any, str]]:
    for transceiver in pc.getTransceivers():
        yield transceiver.sender, "RTCRtpSender"
        yield transceiver.receiver, "RTCRtpReceiver"
