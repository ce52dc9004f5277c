"""Close a peer connection in bounded time, whatever aiortc makes of it."""

import asyncio
import logging

from aiortc import RTCPeerConnection

from rtcserver.transports.webrtc.aiortc_private import cut_off, ice_transports, unblock_close

_TRY_S = 2.0
_STOP_ICE_S = 1.0
_log = logging.getLogger(__name__)

# A close() that was cancelled goes on here, so that nothing leaks; each ends by itself.
_closing: set[asyncio.Task[None]] = set()


async def close_peer(pc: RTCPeerConnection) -> None:
    """At most 5 s. Cancelled or not, every socket, thread and task of `pc` is let go."""
    task = asyncio.create_task(_close(pc), name="webrtc close")
    _closing.add(task)
    task.add_done_callback(_closing.discard)
    await asyncio.shield(task)


async def _close(pc: RTCPeerConnection) -> None:
    closing = asyncio.create_task(pc.close(), name="aiortc close")
    for _ in range(2):
        unblock_close(pc)
        done, _pending = await asyncio.wait({closing}, timeout=_TRY_S)
        if done:
            break
    closing.cancel()
    (problem,) = await asyncio.gather(closing, return_exceptions=True)
    if problem is None:
        return
    _log.warning("aiortc could not close a connection: %r", problem)
    cut_off(pc)
    stopping = [asyncio.create_task(ice.stop()) for ice in ice_transports(pc)]
    if stopping:
        _done, pending = await asyncio.wait(stopping, timeout=_STOP_ICE_S)
        for task in pending:
            task.cancel()
        await asyncio.gather(*stopping, return_exceptions=True)
