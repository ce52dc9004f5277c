import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer

from rtcserver.audio.format import SAMPLES_PER_FRAME, silence
from rtcserver.config import Session
from rtcserver.errors import TransportClosed
from rtcserver.ids import counting_ids
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferCleared
from rtcserver.timer import now
from rtcserver.transports.base import AudioPart, EventReceived, PlaybackStarted, PlaybackStopped
from rtcserver.transports.websocket import WebSocketTransport, upgrade

PART = AudioPart("resp_1", "item_1")
FRAME = silence(SAMPLES_PER_FRAME)
LIMIT_S = 5.0


@dataclass
class Call:
    transport: WebSocketTransport
    client: ClientWebSocketResponse

    async def heard(self) -> dict[str, Any]:
        message = await self.client.receive(timeout=LIMIT_S)
        assert message.type is WSMsgType.TEXT, message
        event: dict[str, Any] = json.loads(message.data)
        return event

    async def closed_with(self) -> int | None:
        while True:
            message = await self.client.receive(timeout=LIMIT_S)
            if message.type is not WSMsgType.TEXT:
                return self.client.close_code


@asynccontextmanager
async def calling(settings: Session | None = None, autoping: bool = True) -> AsyncIterator[Call]:
    """A client on a real socket, and the transport that serves it."""
    made: asyncio.Queue[WebSocketTransport] = asyncio.Queue()
    over = asyncio.Event()

    async def serve(request: web.Request) -> web.WebSocketResponse:
        ws = upgrade(settings or Session())
        await ws.prepare(request)
        made.put_nowait(WebSocketTransport(request, ws, counting_ids()))
        await over.wait()
        return ws

    app = web.Application()
    app.router.add_get("/", serve)
    async with TestServer(app) as server, ClientSession() as session:
        client = await session.ws_connect(server.make_url("/"), autoping=autoping)
        transport = await asyncio.wait_for(made.get(), LIMIT_S)
        try:
            yield Call(transport, client)
        finally:
            await transport.close()
            over.set()
            await client.close()


async def test_events_arrive_in_order_and_as_they_were_written() -> None:
    async with calling() as call:
        for n in range(50):
            await call.client.send_str(f'{{"n": {n}}}')
        for n in range(50):
            assert await call.transport.recv() == EventReceived(f'{{"n": {n}}}')


async def test_events_leave_in_order_with_the_audio_between_them() -> None:
    async with calling() as call:
        call.transport.send(InputAudioBufferCleared(event_id="a"))
        await call.transport.write(FRAME, PART)
        call.transport.send(InputAudioBufferCleared(event_id="b"))
        heard = [await call.heard() for _ in range(3)]
    assert [event["event_id"] for event in heard] == ["a", "event_1", "b"]
    delta = heard[1]
    assert delta["type"] == "response.output_audio.delta"
    assert (delta["response_id"], delta["item_id"]) == ("resp_1", "item_1")
    assert (delta["output_index"], delta["content_index"]) == (0, 0)
    assert base64.b64decode(delta["delta"]) == FRAME.tobytes()


@pytest.mark.parametrize(("name", "silent"), [("audio/pcmu", b"\xff"), ("audio/pcma", b"\xd5")])
async def test_audio_leaves_in_the_format_the_session_chose(name: str, silent: bytes) -> None:
    async with calling() as call:
        call.transport.set_output_format(name)  # type: ignore[arg-type]
        for _ in range(3):
            await call.transport.write(FRAME, PART)
        wire = [base64.b64decode((await call.heard())["delta"]) for _ in range(3)]
    assert set(b"".join(wire)) == set(silent)
    assert len(b"".join(wire)) == pytest.approx(3 * 640, abs=24)


async def test_a_binary_frame_is_answered_by_an_error_and_the_call_goes_on() -> None:
    async with calling() as call:
        await call.client.send_bytes(b"\x00")
        await call.client.send_str("{}")
        event = json.loads((await call.client.receive(timeout=LIMIT_S)).data)
        assert (event["type"], event["error"]["code"]) == ("error", "invalid_event")
        assert await call.transport.recv() == EventReceived("{}")


async def test_audio_is_sent_only_a_little_ahead_of_real_time() -> None:
    async with calling() as call:
        began = now()
        for _ in range(10):
            await call.transport.write(FRAME, PART)
        took = now() - began
    assert took >= 9 * 0.08 - 0.3 - 0.01


async def test_playback_is_reported_when_the_ear_begins_and_ends() -> None:
    async with calling() as call:
        await call.transport.write(FRAME, PART)
        began = now()
        call.transport.finish()
        assert await call.transport.recv() == PlaybackStarted("resp_1")
        assert await call.transport.recv() == PlaybackStopped("resp_1")
        assert now() - began >= 0.06
        assert call.transport.played() == SAMPLES_PER_FRAME


async def test_a_paused_wire_sends_no_more_and_the_client_plays_what_it_has() -> None:
    async with calling() as call:
        await call.transport.write(FRAME, PART)
        call.transport.pause()
        held = asyncio.create_task(call.transport.write(FRAME, PART))
        await asyncio.wait({held}, timeout=0.1)
        assert not held.done()
        assert call.transport.played() == SAMPLES_PER_FRAME
        call.transport.resume()
        await asyncio.wait_for(held, LIMIT_S)
        assert call.transport.played() < SAMPLES_PER_FRAME + 600


async def test_clear_drops_a_write_that_waits_and_keeps_what_was_played() -> None:
    async with calling() as call:
        for _ in range(4):
            await call.transport.write(FRAME, PART)
        late = asyncio.create_task(call.transport.write(FRAME, PART))
        await asyncio.wait({late}, timeout=0.01)
        call.transport.clear()
        await asyncio.wait_for(late, LIMIT_S)
        played = call.transport.played()
        assert 0 < played < SAMPLES_PER_FRAME
        call.transport.send(InputAudioBufferCleared(event_id="last"))
        kinds = [(await call.heard())["type"] for _ in range(5)]
        assert kinds == ["response.output_audio.delta"] * 4 + ["input_audio_buffer.cleared"]
        assert call.transport.played() == played


async def test_a_client_that_leaves_is_told_of_after_what_it_said_last() -> None:
    async with calling() as call:
        await call.client.send_str("last words")
        await call.client.close(code=1001)
        assert await call.transport.recv() == EventReceived("last words")
        with pytest.raises(TransportClosed, match="1001"):
            await asyncio.wait_for(call.transport.recv(), LIMIT_S)


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1013])
async def test_the_client_gets_the_close_code_after_all_events(code: int) -> None:
    async with calling() as call:
        call.transport.send(InputAudioBufferCleared(event_id="last"))
        closing = asyncio.create_task(call.transport.close(code, "bye"))
        assert (await call.heard())["event_id"] == "last"
        assert await call.closed_with() == code
        await closing
        await call.transport.close()


async def test_an_event_over_the_limit_closes_with_1009() -> None:
    async with calling(Session(max_event_bytes=1_024)) as call:
        await call.client.send_str("x" * 2_000)
        assert await call.closed_with() == 1009
        with pytest.raises(TransportClosed):
            await asyncio.wait_for(call.transport.recv(), LIMIT_S)


async def test_a_client_that_vanishes_is_noticed_within_the_reap_time() -> None:
    async with calling(Session(idle_reap_s=0.3), autoping=False) as call:
        reading = asyncio.create_task(call.client.receive())  # reads pings, answers none
        began = now()
        with pytest.raises(TransportClosed):
            await asyncio.wait_for(call.transport.recv(), LIMIT_S)
        assert now() - began < LIMIT_S
        reading.cancel()


async def test_a_client_that_does_not_read_loses_the_call_not_our_memory() -> None:
    async with calling() as call:
        big = InputAudioBufferCleared(event_id="x" * 1_000_000)
        for _ in range(40):  # far more than kernel buffers and the queue take
            call.transport.send(big)
        began = now()
        with pytest.raises(TransportClosed, match="read"):
            await asyncio.wait_for(call.transport.recv(), LIMIT_S)
        await call.transport.close()
        assert now() - began < LIMIT_S


async def test_close_leaves_no_task_and_wakes_a_waiting_write() -> None:
    before = asyncio.all_tasks()
    async with calling() as call:
        call.transport.pause()
        writing = asyncio.create_task(call.transport.write(FRAME, PART))
        await call.transport.close()
        await asyncio.wait_for(writing, LIMIT_S)
        await call.transport.write(np.zeros(480, dtype=np.int16), PART)
        call.transport.send(InputAudioBufferCleared(event_id="too late"))
    assert asyncio.all_tasks() == before


async def test_close_can_be_cancelled() -> None:
    async with calling() as call:
        closing = asyncio.create_task(call.transport.close())
        await asyncio.sleep(0)
        closing.cancel()
        with suppress(asyncio.CancelledError):
            await closing
        assert await call.closed_with() is not None
