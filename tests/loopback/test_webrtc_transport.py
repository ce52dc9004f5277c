import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLES_PER_FRAME, Samples, silence
from rtcserver.audio.level import dbfs
from rtcserver.config import WebRtc
from rtcserver.errors import ProtocolError, TransportClosed
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferCleared
from rtcserver.timer import now
from rtcserver.transports.base import (
    AudioPart,
    AudioReceived,
    EventReceived,
    Inbound,
    PlaybackStarted,
    PlaybackStopped,
)
from rtcserver.transports.webrtc.peer import accept_offer
from rtcserver.transports.webrtc.transport import WebRtcTransport
from tests import offers
from tests.loopback.caller import LIMIT_S, Caller
from tests.loopback.leaks import nothing_left

PART = AudioPart("resp_1", "item_1")


@asynccontextmanager
async def call(caller: Caller, settings: WebRtc | None = None) -> AsyncIterator[WebRtcTransport]:
    async with caller:
        answer, transport = await accept_offer(await caller.offer(), settings or WebRtc())
        try:
            await caller.connect(answer)
            yield transport
        finally:
            await transport.close()


def tone(seconds: float, hz: float = 660) -> Samples:
    t = np.arange(int(seconds * 24_000)) / 24_000
    return (8_000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def loudest_hz(samples: Samples) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * 24_000 / len(samples)


async def next_of(transport: WebRtcTransport, kind: type[Inbound]) -> Inbound:  # type: ignore[type-arg,valid-type,unused-ignore]
    async with asyncio.timeout(LIMIT_S):
        while not isinstance(entry := await transport.recv(), kind):
            pass
    return entry


async def closing(transport: WebRtcTransport) -> str:
    """Why the transport closed."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                await transport.recv()
            except TransportClosed as closed:
                return str(closed)


async def test_the_caller_is_heard_at_24_khz() -> None:
    async with call(Caller()) as transport:
        chunks: list[Samples] = []
        while sum(map(len, chunks)) < 24_000:
            entry = await next_of(transport, AudioReceived)
            assert isinstance(entry, AudioReceived)
            chunks.append(entry.samples)
    heard = np.concatenate(chunks)[4_800:]
    assert loudest_hz(heard) == pytest.approx(440, abs=3)
    # -15.3 was said; aiortc's encoder takes 3 dB off when it spreads mono over two channels.
    assert dbfs(heard) == pytest.approx(-18.3, abs=1)


async def test_the_caller_hears_what_is_written_for_as_long_as_it_lasts() -> None:
    caller = Caller()
    async with call(caller) as transport:
        said = tone(1.0)
        for at in range(0, len(said), SAMPLES_PER_FRAME):
            await transport.write(said[at : at + SAMPLES_PER_FRAME], PART)
        transport.finish()
        assert await next_of(transport, PlaybackStarted) == PlaybackStarted("resp_1")
        began = now()
        assert await next_of(transport, PlaybackStopped) == PlaybackStopped("resp_1")
        assert now() - began >= 0.95
        assert transport.played() == 24_000
        await caller.until_quiet()
    heard = caller.sound()
    loud = np.flatnonzero(np.abs(heard) > 500)
    assert (loud[-1] - loud[0]) / 24_000 == pytest.approx(1.0, abs=0.03)
    assert loudest_hz(heard[loud[0] : loud[-1]]) == pytest.approx(660, abs=3)


async def test_pause_silences_at_once_and_resume_goes_on_from_the_same_sample() -> None:
    async with call(Caller()) as transport:
        await transport.write(tone(2.0), PART)
        await next_of(transport, PlaybackStarted)
        transport.pause()
        paused_at = transport.played()
        for _ in range(5):
            await next_of(transport, AudioReceived)  # 100 ms go by
        assert transport.played() == paused_at
        transport.resume()
        transport.finish()
        await next_of(transport, PlaybackStopped)
        assert transport.played() == 48_000


async def test_clear_forgets_the_rest_without_a_stop() -> None:
    async with call(Caller()) as transport:
        await transport.write(tone(2.0), PART)
        transport.finish()
        await next_of(transport, PlaybackStarted)
        transport.clear()
        played = transport.played()
        assert 0 < played < 12_000
        await transport.write(silence(480), AudioPart("resp_2", "item_2"))
        assert await next_of(transport, PlaybackStarted) == PlaybackStarted("resp_2")


async def test_write_waits_while_half_a_minute_is_queued() -> None:
    async with call(Caller()) as transport:
        await transport.write(silence(30 * 24_000 - 480), PART)
        waiting = asyncio.create_task(transport.write(silence(2 * 480), PART))
        await asyncio.wait({waiting}, timeout=0.001)
        assert not waiting.done()
        await asyncio.wait_for(waiting, LIMIT_S)  # until 20 ms were played


async def test_events_wait_for_the_channel_and_then_flow_both_ways() -> None:
    caller = Caller()
    async with caller:
        answer, transport = await accept_offer(await caller.offer(), WebRtc())
        for n in range(5):
            transport.send(InputAudioBufferCleared(event_id=f"early_{n}"))
        await caller.connect(answer)
        told = [await caller.event("input_audio_buffer.cleared") for _ in range(5)]
        assert [event["event_id"] for event in told] == [f"early_{n}" for n in range(5)]
        caller.say({"type": "a"})
        caller.say({"type": "b"})
        assert await next_of(transport, EventReceived) == EventReceived('{"type": "a"}')
        assert await next_of(transport, EventReceived) == EventReceived('{"type": "b"}')
        await transport.close()


async def test_a_large_event_goes_through_and_one_too_large_becomes_an_error() -> None:
    caller = Caller()
    async with call(caller) as transport:
        transport.send(InputAudioBufferCleared(event_id="x" * 200_000))
        assert len((await caller.event("input_audio_buffer.cleared"))["event_id"]) == 200_000
        transport.send(InputAudioBufferCleared(event_id="x" * 300_000))
        assert (await caller.event("error"))["error"]["code"] == "event_too_large"


async def test_a_call_without_a_channel_has_its_voice() -> None:
    caller = Caller(channel=None)
    async with call(caller) as transport:
        for n in range(1_000):
            transport.send(InputAudioBufferCleared(event_id=f"{n}"))
        await transport.write(tone(0.1), PART)
        transport.finish()
        await next_of(transport, PlaybackStopped)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly")],
)
async def test_the_answer_has_the_direction_asked_for(asked: str, answered: str) -> None:
    caller = Caller(direction=asked)
    async with call(caller) as transport:
        assert f"a={answered}\r\n" in caller.pc.remoteDescription.sdp
        await transport.write(tone(0.1), PART)
        transport.finish()
        await next_of(transport, PlaybackStarted)
        await next_of(transport, PlaybackStopped)


async def test_video_is_answered_inactive() -> None:
    answer, transport = await accept_offer(offers.load("chromium_video"), WebRtc())
    await transport.close()
    video = answer[answer.index("m=video") : answer.index("m=application")]
    assert "a=inactive" in video


async def test_an_offer_no_answer_fits_is_the_clients_fault() -> None:
    async with nothing_left():
        with pytest.raises(ProtocolError, match="no audio") as refused:
            await accept_offer("v=0\r\n", WebRtc())
        assert (refused.value.code, refused.value.param) == ("invalid_offer", "sdp")


async def test_a_client_that_never_connects_is_given_up() -> None:
    _, transport = await accept_offer(offers.load("chromium"), WebRtc(connect_timeout_s=0.2))
    began = now()
    assert "did not connect within 0.2 s" in await closing(transport)
    assert now() - began >= 0.199
    await transport.close()


async def test_a_client_that_vanishes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller()
    async with call(caller, WebRtc(disconnect_timeout_s=0.5)) as transport:
        await next_of(transport, AudioReceived)
        (sender,) = caller.pc.getSenders()
        sender.replaceTrack(None)  # its RTCP comes once a second at most
        began = now()
        assert "nothing came from the client for 0.5 s" in await closing(transport)
        assert now() - began < 5.0


async def test_a_client_that_hangs_up_is_noticed_at_once() -> None:
    caller = Caller()
    async with call(caller) as transport:
        await next_of(transport, AudioReceived)
        began = now()
        await caller.pc.close()
        await closing(transport)
        assert now() - began < 5.0


async def test_a_client_that_closes_its_channel_has_hung_up() -> None:
    caller = Caller()
    async with call(caller) as transport:
        assert caller.channel is not None
        caller.channel.close()
        assert await closing(transport) == "the client closed its data channel"


async def test_datagrams_of_strangers_do_not_end_the_call() -> None:
    caller = Caller()
    async with call(caller) as transport:
        host, port = _address(caller.pc.remoteDescription.sdp)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in (b"", b"\x80" * 2_000, b"\x16" + b"\xff" * 20, b"\x00\x01\x00\x04"):
                stranger.sendto(datagram, (host, port))
        for _ in range(30):
            await next_of(transport, AudioReceived)


def _address(sdp: str) -> tuple[str, int]:
    line = next(line for line in sdp.split("\r\n") if " typ host" in line and "." in line)
    fields = line.split(" ")
    return fields[4], int(fields[5])


async def test_twenty_calls_leave_no_task_socket_or_thread() -> None:
    async with call(Caller()):
        pass  # what a first call loads once stays
    async with nothing_left():
        for _ in range(20):
            async with call(Caller()) as transport:
                await transport.write(tone(0.1), PART)
                await next_of(transport, AudioReceived)


async def test_close_is_complete_at_every_stage_and_when_cancelled() -> None:
    async with nothing_left():
        _, waiting = await accept_offer(offers.load("chromium"), WebRtc())
        await waiting.close()
        await waiting.close()
        async with Caller() as caller:
            answer, connecting = await accept_offer(await caller.offer(), WebRtc())
            await caller.connect(answer)
            ending = asyncio.create_task(connecting.close())
            await asyncio.sleep(0)
            ending.cancel()
            with suppress(asyncio.CancelledError):
                await ending
            with pytest.raises(TransportClosed):
                await connecting.recv()


async def test_close_ends_even_where_aiortc_would_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall clock that jumps kills aiortc's RTCP task, for which its close() then waits."""
    async with nothing_left(), Caller() as caller:
        answer, transport = await accept_offer(await caller.offer(), WebRtc())
        await caller.connect(answer)
        await next_of(transport, AudioReceived)
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + 60 * 86_400)
        await transport.write(silence(2 * 24_000), PART)
        transport.finish()
        await next_of(transport, PlaybackStopped)  # in 2 s at least one report is made
        monkeypatch.undo()
        began = now()
        await transport.close()
        assert now() - began < 5.0
