"""A bot calls a stand-in server that answers after every utterance."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from loadtests.bot import Utterance, hold_call
from loadtests.own_server import ServerStartError, own_server
from loadtests.turn import FIGURES
from loadtests.workers import hold_calls
from rtcserver.audio.format import SAMPLE_RATE

SPEECH = Utterance("hello", np.full(SAMPLE_RATE // 4, 8_000, dtype=np.int16))
FRAME = base64.b64encode(bytes(2 * 1_920)).decode()
ANSWER: list[dict[str, Any]] = [
    {"type": "conversation.item.input_audio_transcription.delta", "delta": "hello"},
    {"type": "conversation.item.input_audio_transcription.completed", "transcript": "hello"},
    {"type": "response.created", "response": {"id": "resp_1"}},
    {"type": "response.output_audio_transcript.delta", "delta": "Hi."},
    {"type": "response.output_audio.delta", "delta": FRAME},
    {"type": "response.output_audio.delta", "delta": FRAME},
    {"type": "response.done", "response": {"id": "resp_1", "status": "completed"}},
]


def server_that(answers: list[dict[str, Any]], *, hangs_up: bool = False) -> TestServer:
    """Answers once the sound has been followed by silence."""

    async def realtime(request: web.Request) -> web.WebSocketResponse:
        wire = web.WebSocketResponse()
        await wire.prepare(request)
        await wire.send_json({"type": "session.created", "session": {"type": "realtime"}})
        spoken = False
        async for message in wire:
            event = message.json()
            if event["type"] == "session.update":
                assert event["session"]["audio"]["input"]["turn_detection"]["type"] == "server_vad"
                continue
            loud = any(base64.b64decode(event["audio"]))
            if spoken and not loud:
                for answer in answers:
                    await wire.send_json(answer)
                if hangs_up:
                    break
            spoken = loud
        return wire

    app = web.Application()
    app.router.add_get("/v1/realtime", realtime)
    return TestServer(app)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with server_that(ANSWER) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_every_utterance_gets_its_turn(url: str) -> None:
    call = await hold_call(url, [SPEECH, SPEECH])
    assert call.problem == ""
    assert [(turn.said, turn.heard, turn.answered) for turn in call.turns] == [
        ("hello", "hello", "Hi.")
    ] * 2
    for turn in call.turns:
        assert list(turn.figures()) == list(FIGURES)
        # The stand-in hears the words until 0.25 s, and answers at the next silent chunk.
        assert turn.figures()["stt_latency_s"] >= 0.25
        assert turn.figures()["turn_end_latency_s"] >= 0
        assert turn.audio_s == pytest.approx(0.16)


async def test_calls_are_spread_over_processes(url: str) -> None:
    calls = await hold_calls(url, [[SPEECH]] * 3, workers=2)
    assert [call.problem for call in calls] == [""] * 3


@pytest.mark.parametrize(
    ("answers", "hangs_up", "problem"),
    [
        ([{"type": "error", "error": {"message": "broken"}}], False, "error event: broken"),
        ([{"type": "response.done", "response": {"status": "failed"}}], False, "response failed"),
        ([], True, "the server hung up (close code 1000)"),
    ],
)
async def test_a_failed_call_says_why(
    answers: list[dict[str, Any]], hangs_up: bool, problem: str
) -> None:
    async with server_that(answers, hangs_up=hangs_up) as server:
        call = await hold_call(str(server.make_url("")).rstrip("/"), [SPEECH])
    assert call.problem == problem


async def test_a_server_that_is_not_there_is_a_failed_call() -> None:
    call = await hold_call("http://127.0.0.1:1", [SPEECH])
    assert call.problem.startswith("ClientConnectorError")


LISTENS = "import signal; print('listening on http://127.0.0.1:1234', flush=True); signal.pause()"


async def test_an_own_server_is_found_by_what_it_prints() -> None:
    async with own_server(("-c", LISTENS)) as url:
        assert url == "http://127.0.0.1:1234"


async def test_an_own_server_that_ends_at_once_is_an_error() -> None:
    with pytest.raises(ServerStartError, match="ended before it listened"):
        async with own_server(("-c", "pass")):
            pytest.fail("it has no URL")
