"""WHIP as others speak it: FFmpeg's muxer, and @eyevinn/whip-web-client in Chromium."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from tests.clients.encoder import speak, write_certificate
from tests.clients.pages import page_of
from tests.conversation.processes import until
from tests.conversation.real_server import RealServer
from tests.speech import script, write_wav

LIMIT_S = 60.0
LEAD_S, REST_S = 4.0, 4.0  # silence: until a sideband has joined; until the turn is over
WISH, HEARD = "tell me a story", "story"
SILENCE_S = 120.0


async def understood(server: RealServer, call_id: str) -> str:
    """The first turn of a call, as a sideband is told of it; nothing may answer before."""
    url = f"{server.url}/v1/realtime?call_id={call_id}"
    async with (
        asyncio.timeout(LIMIT_S),
        aiohttp.ClientSession() as http,
        http.ws_connect(url) as sideband,
    ):
        while (event := await sideband.receive_json())["type"] != (
            "conversation.item.input_audio_transcription.completed"
        ):
            assert event["type"] != "response.created"
        transcript: str = event["transcript"]
        return transcript


def calls(server: RealServer) -> list[str]:
    """Ids of all WHIP calls so far, out of the log: an encoder does not tell them."""
    return re.findall(r"call begins .*call_id=(\w+) transport=whip", server.log.read_text())


def gone(server: RealServer) -> None:
    until(lambda: server.metric("rtc_calls_active", transport="whip") == 0, LIMIT_S, "no call")


@pytest.mark.parametrize("flags", [{}, {"whip_flags": "dtls_active"}], ids=["passive", "active"])
async def test_ffmpeg_is_understood(
    server: RealServer, tmp_path: Path, flags: dict[str, str]
) -> None:
    wav = write_wav(tmp_path / "speech.wav", script(LEAD_S, WISH, REST_S))
    options = write_certificate(tmp_path) | flags
    before = len(calls(server))
    speaking = asyncio.create_task(asyncio.to_thread(speak, f"{server.url}/whip", wav, options))
    try:
        await asyncio.to_thread(until, lambda: len(calls(server)) > before, LIMIT_S, "a call")
        assert HEARD in await understood(server, calls(server)[-1])
    finally:
        await speaking
    await asyncio.to_thread(gone, server)  # it has deleted its session


@pytest.mark.browser
@pytest.mark.usefixtures("packages")
async def test_a_page_is_understood(server: RealServer, tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "speech.wav", script(LEAD_S, WISH, SILENCE_S))
    async with asyncio.timeout(LIMIT_S), page_of("whip.html", wav, "whip.js") as page:
        held = await page.evaluate("(given) => hold(...given)", [f"{server.url}/whip", "unused"])
        call_id = held["session"].rpartition("/")[2]
        assert HEARD in await understood(server, call_id)
        left = await page.evaluate("leave()")
        # It trickles only where the answer to OPTIONS lists PATCH; else it waits for 2 s first.
        assert left["patched"]
        assert set(left["patched"]) == {204}
        await asyncio.to_thread(gone, server)
