"""The built-in synthesizer over the real wire, with each engine that is here."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from yarl import URL

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples
from rtcserver.config import Tts
from rtcserver.errors import ConfigError
from rtcserver.local.engines.speaking import make_engine
from rtcserver.services.tts.base import SpokenAudio, SpokenWord
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from tests.adapters.local_service import Client, Message, Service, connected, running
from tests.needed import missing
from tests.tiny_voices import kokoro_model, piper_voice

PATH = "/api/tts_streaming?format=PcmMessagePack"
SLOTS = 3
MODELS: dict[str, Callable[[Path], Path]] = {"piper": piper_voice, "kokoro": kokoro_model}
TEXT = 'It costs $12.50, Dr. Smith said; it’s a "well-known" price. Nobody pays it!'


@pytest.fixture(scope="module", params=["flite", "espeak", "tones", "piper", "kokoro"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    which = ""
    if make_voice := MODELS.get(request.param):
        which = str(make_voice(tmp_path_factory.mktemp(request.param)))
    try:
        make_engine(request.param, which)
    except ConfigError as exc:
        missing(str(exc))
    engine = ("--engine", request.param, "--which", which)
    with running("rtcserver.local.tts_server", *engine, "--slots", str(SLOTS)) as service:
        yield service


async def ready(client: Client) -> None:
    assert await client.receive() == {"type": "Ready"}


async def respond(client: Client, text: str) -> list[Message]:
    """All that comes of a response; it ends by itself."""
    await ready(client)
    for word in text.split():
        await client.send({"type": "Text", "text": word})
    await client.send({"type": "Eos"})
    return await client.until("never")


def audio(messages: list[Message]) -> Samples:
    frames = [message["pcm"] for message in messages if message["type"] == "Audio"]
    assert {len(frame) for frame in frames} == {SAMPLES_PER_FRAME}
    return np.concatenate([np.array(frame) * 32_768 for frame in frames]).astype(np.int16)


async def test_each_word_comes_back_as_it_was_sent_with_its_time(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        messages = await respond(client, TEXT)
        assert client.ws.close_code == 1000
    spoken = [message for message in messages if message["type"] == "Text"]
    assert [word["text"] for word in spoken] == TEXT.split()
    edges = [edge for word in spoken for edge in (word["start_s"], word["stop_s"])]
    assert all(before <= after + 0.001 for before, after in pairwise(edges))
    assert edges[0] < 0.1
    length_s = len(audio(messages)) / SAMPLE_RATE
    assert edges[-1] < length_s < edges[-1] + 0.5


async def test_words_sound_when_they_are_said_to(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        messages = await respond(client, "Hello my friend. Goodbye.")
    sound = audio(messages)
    *_, friend, goodbye = [m for m in messages if m["type"] == "Text"]
    pause = sound[round(friend["stop_s"] * SAMPLE_RATE) : round(goodbye["start_s"] * SAMPLE_RATE)]
    assert len(pause) > 0.2 * SAMPLE_RATE
    spoken = sound[round(goodbye["start_s"] * SAMPLE_RATE) :]
    assert loudness(pause[-SAMPLE_RATE // 5 :]) < loudness(spoken) / 10


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


async def test_speech_starts_before_the_text_ends(service: Service) -> None:
    async with connected(service.url + PATH + "&voice=unknown") as client:
        await ready(client)
        await client.send({"type": "Text", "text": "Hello"})
        first = await client.receive()
        assert first
        assert (first["type"], first["text"]) == ("Text", "Hello")
        assert (await client.until("Audio"))[-1]["type"] == "Audio"


async def test_text_frames_and_a_zero_byte_will_do(service: Service) -> None:
    text = "Good morning to you."
    async with connected(service.url + PATH) as client:
        await ready(client)
        await client.ws.send_str(text)
        await client.ws.send_bytes(b"\0")
        messages = await client.until("never")
    assert [m["text"] for m in messages if m["type"] == "Text"] == text.split()


async def test_nothing_to_say_is_a_response_too(service: Service) -> None:
    for text in ("", "😀 — …"):
        async with connected(service.url + PATH) as client:
            messages = await respond(client, text)
            assert client.ws.close_code == 1000
        assert [m["text"] for m in messages if m["type"] == "Text"] == text.split()


async def test_no_free_slot_is_told_after_the_upgrade(service: Service) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(SLOTS):
            await ready(await stack.enter_async_context(connected(service.url + PATH)))
        async with connected(service.url + PATH) as refused:
            assert await refused.until("Ready") == [
                {"type": "Error", "message": "no free channels"}
            ]
    async with connected(service.url + PATH) as client:
        assert await respond(client, "Hello.")


async def test_nonsense_ends_the_response_with_an_error(service: Service) -> None:
    async with connected(service.url + PATH) as client:
        await ready(client)
        await client.ws.send_bytes(b"\xc1")
        (error,) = await client.until("Ready")
    assert error["type"] == "Error"


async def test_other_formats_are_refused(service: Service) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{service.url}/api/tts_streaming") as answer:
            assert answer.status == 400
        async with http.get(f"{service.url}/api/build_info") as answer:
            assert answer.status == 200


async def test_our_own_client_understands_it(service: Service) -> None:
    async with aiohttp.ClientSession() as http:
        url = service.url.replace("http", "ws")
        voice = await KyutaiSynthesizer(http, url, Tts()).open("default")
        for word in TEXT.split():
            await voice.say(word)
        await voice.end()
        events = [event async for event in voice.events()]
        await voice.close()
    assert [event.text for event in events if isinstance(event, SpokenWord)] == TEXT.split()
    assert sum(len(e.samples) for e in events if isinstance(e, SpokenAudio)) > SAMPLE_RATE


async def test_who_gave_up_in_the_backlog_makes_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    with running("rtcserver.local.tts_server", "--engine", "tones") as service:
        url = URL(service.url + PATH)
        assert (await _build(url)) == 200  # it is up
        os.kill(service.pid, signal.SIGSTOP)
        with socket.create_connection((url.host or "", url.port or 0)) as impatient:
            impatient.sendall(_UPGRADE)
        os.kill(service.pid, signal.SIGCONT)
        assert (await _build(url)) == 200  # it has come to this one, thus past the other
    assert "Traceback" not in capfd.readouterr().err


async def _build(url: URL) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.get(url.with_path("/api/build_info")) as answer,
    ):
        return answer.status


_UPGRADE = b"""\
GET /api/tts_streaming?format=PcmMessagePack HTTP/1.1\r
Host: localhost\r
Connection: Upgrade\r
Upgrade: websocket\r
Sec-WebSocket-Version: 13\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
\r
"""
