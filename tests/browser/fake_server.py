"""A server for the page's tests: serves static/ and says on the channel what a test wants."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

STATIC = Path(__file__).parents[2] / "static"
CALL_PATH = "/v1/realtime/calls/rtc_test"
LIMIT_S = 10.0

Event = dict[str, Any]

HEALTHY: Event = {
    "status": "up",
    "services": {
        "stt": {"status": "up", "latency_ms": 2.6, "backend": "pocketsphinx", "detail": "ready"},
        "llm": {"status": "up", "latency_ms": 11.2, "backend": "demo agent", "detail": "ready"},
        "tts": {"status": "up", "latency_ms": 3.0, "backend": "flite", "detail": "ready"},
    },
    "calls": {"active": 0, "max": 32},
}


class FakeServer:
    """One call at a time. What it answers stands in its public fields, for a test to change."""

    def __init__(self) -> None:
        self.health: Event = HEALTHY
        self.refusal: tuple[int, str] | None = None  # status and error.message
        self.api_key = ""
        self.deaf = False  # answers an offer, but no packet ever comes through
        self.hung_up = asyncio.Event()
        self.offers: list[str] = []
        self.received: asyncio.Queue[Event] = asyncio.Queue(1000)
        self._peer: RTCPeerConnection | None = None
        self._channel: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()

    def app(self) -> web.Application:
        app = web.Application()
        app.on_response_prepare.append(_forbid_inline)
        app.router.add_post("/v1/realtime/calls", self._create)
        app.router.add_post(CALL_PATH + "/hangup", self._hang_up)
        app.router.add_get("/health", self._health)
        app.router.add_get("/", _index)
        app.router.add_static("/", STATIC)
        return app

    async def send(self, *events: Event) -> None:
        """Say `events` to the page, as soon as its channel is open."""
        channel = await asyncio.wait_for(asyncio.shield(self._channel), LIMIT_S)
        for event in events:
            channel.send(json.dumps({"event_id": "event_test", **event}))

    async def receive(self, event_type: str) -> Event:
        """The next client event of that type; others before it are dropped."""
        async with asyncio.timeout(LIMIT_S):
            while (event := await self.received.get())["type"] != event_type:
                pass
        return event

    async def settled(self) -> None:
        """Wait until the page took in all that was said: to a truncation it has a question."""
        await self.send(
            {"type": "conversation.item.truncated", "item_id": "none", "audio_end_ms": 0}
        )
        await self.receive("conversation.item.retrieve")

    async def hears_hang_up(self) -> None:
        """Wait until the page has asked to end the call."""
        await asyncio.wait_for(self.hung_up.wait(), LIMIT_S / 2)

    async def close(self) -> None:
        """End the call from this side."""
        if self._peer is not None:
            await self._peer.close()

    async def _create(self, request: web.Request) -> web.Response:
        if self.api_key and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return _error(401, "Incorrect API key provided")
        if self.refusal is not None:
            return _error(*self.refusal)
        offer = await request.text()
        self.offers.append(offer)
        headers = {"Location": CALL_PATH}
        answer = await self._answer(offer)
        return web.Response(
            status=201, text=answer, content_type="application/sdp", headers=headers
        )

    async def _answer(self, offer: str) -> str:
        await self.close()
        self._peer = peer = RTCPeerConnection()
        peer.on("datachannel", self._open)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        peer.addTrack(AudioStreamTrack())
        await peer.setLocalDescription(await peer.createAnswer())
        answer = peer.localDescription.sdp
        if self.deaf:
            await peer.close()
        return answer

    def _open(self, channel: RTCDataChannel) -> None:
        channel.on("message", lambda text: self.received.put_nowait(json.loads(text)))
        self._channel.set_result(channel)

    async def _hang_up(self, _: web.Request) -> web.Response:
        self._channel = asyncio.get_running_loop().create_future()
        self.hung_up.set()
        return web.Response()

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response(self.health)


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _forbid_inline(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = (  # as strict as the real server's
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _error(status: int, message: str) -> web.Response:
    error = {"type": "invalid_request_error", "code": None, "message": message, "param": None}
    return web.json_response({"error": error}, status=status)
