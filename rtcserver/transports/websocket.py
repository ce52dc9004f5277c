"""A caller on a WebSocket: audio travels inside events, paced a little ahead of the ear."""

import asyncio
import base64

from aiohttp import WSCloseCode, WSMsgType, web

from rtcserver import trace
from rtcserver.audio.format import Samples
from rtcserver.audio.wire_format import Encoder
from rtcserver.config import Session
from rtcserver.errors import ProtocolError
from rtcserver.ids import NewId
from rtcserver.realtime.codec import ServerEvent, dump_event
from rtcserver.realtime.events.error import error_event
from rtcserver.realtime.events.response import ResponseOutputAudioDelta
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.transports.base import AudioPart, EventReceived, Inbound
from rtcserver.transports.inbox import Inbox
from rtcserver.transports.outbox import Outbox
from rtcserver.transports.pace import Pace

_CLOSE_TIMEOUT_S = 3.0
_BINARY = "Events are JSON in text frames, not in binary ones."
_MAX_REASON = 123  # RFC 6455 5.5: a control frame holds 125 bytes, 2 of them the code


def upgrade(settings: Session) -> web.WebSocketResponse:
    """The answer to a client's upgrade. A vanished client fails after `idle_reap_s`: aiohttp
    pings after this heartbeat and waits half as long again for the pong."""
    return web.WebSocketResponse(
        protocols=("realtime",),
        compress=False,  # base64 of speech does not shrink, and deflate costs CPU
        max_msg_size=settings.max_event_bytes,
        heartbeat=settings.idle_reap_s * 2 / 3,
        timeout=_CLOSE_TIMEOUT_S / 2,  # for the client's own close frame
    )


class WebSocketTransport:
    """Speaks on an upgraded WebSocket, from the task of its request."""

    owns_playback = False

    def __init__(self, request: web.Request, ws: web.WebSocketResponse, new_id: NewId) -> None:
        self._connection = request.transport
        self._ws = ws
        self._new_id = new_id
        self._inbox = Inbox()
        self._pace = Pace(self._inbox)
        self._outbox = Outbox(ws, self._inbox)
        self._code: int | None = None
        self._format: AudioFormatName = "audio/pcm"
        self._encoder = Encoder(self._format)
        self._reader = asyncio.create_task(self._read(), name="websocket reader")

    def set_output_format(self, name: AudioFormatName) -> None:
        if name != self._format:
            self._format, self._encoder = name, Encoder(name)

    async def recv(self) -> Inbound:
        await self._outbox.room()
        return await self._inbox.get()

    def send(self, event: ServerEvent) -> None:
        trace.sent(event)
        self._outbox.put(dump_event(event))

    async def write(self, frame: Samples, part: AudioPart) -> None:
        """After the close it returns at once: recv() is who tells."""
        if not await self._pace.ready() or self._inbox.closed:
            return
        self._pace.sent(part.response_id, len(frame))
        self.send(
            ResponseOutputAudioDelta(
                event_id=self._new_id("event"),
                response_id=part.response_id,
                item_id=part.item_id,
                output_index=part.output_index,
                content_index=part.content_index,
                delta=base64.b64encode(self._encoder.push(frame)).decode(),
            )
        )

    def finish(self) -> None:
        self._pace.finish()
        self._encoder = Encoder(self._format)  # the filter's last millisecond stays unsaid

    def pause(self) -> None:
        self._pace.pause()

    def resume(self) -> None:
        self._pace.resume()

    def clear(self) -> None:
        self._pace.clear()
        self._encoder = Encoder(self._format)

    def played(self) -> int:
        return self._pace.played()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self._inbox.close(reason or "closed by the server")
        self._pace.clear()
        self._code = self._code or code  # the first one counts, as with the reason
        if self._outbox.stuck:
            self._code = WSCloseCode.POLICY_VIOLATION
        try:
            await self._outbox.flush()
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._ws.close(code=self._code, message=reason.encode()[:_MAX_REASON])
        except TimeoutError:
            self._abort()
        except BaseException:
            self._abort()
            raise
        finally:
            if self._connection and self._connection.get_write_buffer_size():
                self._abort()  # aiohttp takes a client that answers no ping for closed already
            self._reader.cancel()
            await asyncio.gather(self._reader, self._outbox.close(), return_exceptions=True)

    def _abort(self) -> None:
        """Free the socket even if the client never reads what the kernel holds for it."""
        if self._connection:
            self._connection.abort()

    async def _read(self) -> None:
        try:
            while True:
                await self._inbox.room()
                message = await self._ws.receive()
                match message.type:
                    case WSMsgType.TEXT:
                        self._inbox.put(EventReceived(message.data))
                    case WSMsgType.BINARY:
                        await self._outbox.room()
                        binary = ProtocolError(_BINARY, code="invalid_event")
                        self.send(error_event(binary, self._new_id("event")))
                    case _:
                        return
        finally:
            self._inbox.close(f"the client left with code {self._ws.close_code}")
