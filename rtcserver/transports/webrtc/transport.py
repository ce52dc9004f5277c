"""A caller on WebRTC: voice on RTP, events on a data channel."""

import asyncio
import logging
from contextlib import suppress

from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamError

from rtcserver.audio.format import Samples
from rtcserver.config import WebRtc
from rtcserver.realtime.codec import ServerEvent
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.transports.base import AudioPart, Inbound
from rtcserver.transports.inbox import Inbox
from rtcserver.transports.webrtc.aiortc_private import PacketGate, ice_transports
from rtcserver.transports.webrtc.closing import close_peer
from rtcserver.transports.webrtc.events import EventChannel
from rtcserver.transports.webrtc.ice_session import IceSession
from rtcserver.transports.webrtc.inbound import hear
from rtcserver.transports.webrtc.outbound import VoiceTrack
from rtcserver.transports.webrtc.watchdog import gone

_log = logging.getLogger(__name__)


class WebRtcTransport:
    """Made by accept_offer(), before the peer is connected."""

    owns_playback = True

    def __init__(
        self,
        pc: RTCPeerConnection,
        inbox: Inbox,
        voice: VoiceTrack,
        events: EventChannel,
        ice: IceSession,
        settings: WebRtc,
    ) -> None:
        self.ice = ice
        self._audio = next(t for t in pc.getTransceivers() if t.kind == "audio")
        self.heard = self._audio.currentDirection in ("sendrecv", "sendonly")
        """Whether the client takes audio from us at all."""
        self._pc, self._inbox, self._voice, self._events = pc, inbox, voice, events
        self._life = asyncio.create_task(self._live(settings), name="webrtc call")

    def set_output_format(self, name: AudioFormatName) -> None:
        """Nothing to do: Opus was negotiated."""

    async def recv(self) -> Inbound:
        return await self._inbox.get()

    def send(self, event: ServerEvent) -> None:
        self._events.send(event)

    async def write(self, frame: Samples, part: AudioPart) -> None:
        """After the close it returns at once: recv() is who tells."""
        await self._voice.write(part.response_id, frame)

    def finish(self) -> None:
        self._voice.playout.finish()

    def pause(self) -> None:
        self._voice.playout.pause()

    def resume(self) -> None:
        self._voice.playout.resume()

    def clear(self) -> None:
        self._voice.clear()

    def played(self) -> int:
        return self._voice.playout.played

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self._inbox.close(reason or "closed by the server")
        self._life.cancel()
        self._voice.stop()
        await close_peer(self._pc)
        await asyncio.gather(self._life, return_exceptions=True)

    async def _live(self, settings: WebRtc) -> None:
        audio = self._audio
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch(settings), name="webrtc watchdog")
                if audio.receiver.track:
                    tasks.create_task(hear(audio.receiver.track, self._inbox), name="webrtc ear")
                if not self.heard:
                    tasks.create_task(_speak_to_nobody(self._voice), name="webrtc beat")
        except* Exception:
            _log.exception("a WebRTC call ended by a bug")
        finally:
            self._inbox.close("the connection ended")

    async def _watch(self, settings: WebRtc) -> None:
        (ice,) = ice_transports(self._pc)
        if self._audio.currentDirection == "inactive":  # only events, and those may be rare
            settings = settings.model_copy(update={"disconnect_timeout_s": float("inf")})
        self._inbox.close(await gone(self._pc, PacketGate(ice), settings))


async def _speak_to_nobody(voice: VoiceTrack) -> None:
    """A client that only sends still has responses that begin and end in time."""
    with suppress(MediaStreamError):
        while True:
            await voice.recv()
