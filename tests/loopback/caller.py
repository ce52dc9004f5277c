"""A WebRTC caller made of aiortc: says a tone, keeps what it hears and is told."""

import asyncio
import json
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from rtcserver.audio.format import Samples
from rtcserver.audio.level import dbfs
from rtcserver.audio.resample import join
from rtcserver.transports.webrtc.closing import close_peer

LIMIT_S = 30.0
_RATE_HZ = 8_000
Event = dict[str, Any]


class Tone(MediaStreamTrack):
    """440 Hz in frames of 20 ms, paced by the loop's clock."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._start: float | None = None
        self._pts = 0

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        self._start = self._start or loop.time()
        await asyncio.sleep(max(0.0, self._start + self._pts / _RATE_HZ - loop.time()))
        t = (np.arange(_RATE_HZ // 50) + self._pts) / _RATE_HZ
        sine = (8_000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(sine.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = _RATE_HZ, self._pts
        frame.time_base = Fraction(1, _RATE_HZ)
        self._pts += frame.samples
        return frame


class Caller:
    """Use it in `async with`; it hangs up at the end."""

    def __init__(self, *, channel: str | None = "oai-events", direction: str = "sendrecv") -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.told: asyncio.Queue[Event] = asyncio.Queue(1_000)
        self.heard: list[Samples] = []
        self.channel_closed = asyncio.Event()
        self._opened, self._more = asyncio.Event(), asyncio.Event()
        self._ear: asyncio.Task[None] | None = None
        sends = direction in ("sendrecv", "sendonly")
        self.pc.addTransceiver(Tone() if sends else "audio", direction=direction)
        self.pc.on("track", self._listen)
        self.channel = self.pc.createDataChannel(channel) if channel else None
        if self.channel:
            self.channel.on("open", self._opened.set)
            self.channel.on("message", lambda text: self.told.put_nowait(json.loads(text)))
            self.channel.on("close", self.channel_closed.set)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await close_peer(self.pc)
        if self._ear:
            self._ear.cancel()
            await asyncio.gather(self._ear, return_exceptions=True)

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        sdp: str = self.pc.localDescription.sdp
        return sdp

    async def connect(self, answer: str) -> None:
        """Until the data channel is open, or without one until the media can flow."""
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        if self.channel:
            await asyncio.wait_for(self._opened.wait(), LIMIT_S)
            return
        changed = asyncio.Event()
        self.pc.on("connectionstatechange", changed.set)
        while self.pc.connectionState != "connected":
            changed.clear()
            await asyncio.wait_for(changed.wait(), LIMIT_S)

    async def event(self, kind: str) -> Event:
        """The next event of this type; others before it are dropped."""
        async with asyncio.timeout(LIMIT_S):
            while (event := await self.told.get())["type"] != kind:
                pass
        return event

    def say(self, event: Event) -> None:
        assert self.channel is not None
        self.channel.send(json.dumps(event))

    async def until_quiet(self) -> None:
        """Until the last 100 ms heard are silent: the jitter buffer gave out all that was said."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.heard) < 5 or dbfs(np.concatenate(self.heard[-5:])) > -60:
                self._more.clear()
                await self._more.wait()

    async def until_heard(self, seconds: float) -> None:
        """Until so much was heard, silence included."""
        async with asyncio.timeout(LIMIT_S):
            while sum(map(len, self.heard)) < seconds * 24_000:
                self._more.clear()
                await self._more.wait()

    def sound(self) -> Samples:
        """All that was heard so far, 24 kHz."""
        return np.concatenate(self.heard) if self.heard else np.zeros(0, dtype=np.int16)

    def _listen(self, track: MediaStreamTrack) -> None:
        self._ear = asyncio.create_task(self._keep(track), name="caller's ear")

    async def _keep(self, track: MediaStreamTrack) -> None:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=24_000)
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                self.heard.append(join(resampler.resample(frame)))
                self._more.set()
        except MediaStreamError:
            pass
