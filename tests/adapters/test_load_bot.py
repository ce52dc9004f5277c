"""A bot calls a stand-in server that answers after every utterance."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from loadtests.bot import Utterance, hold_call
from loadtests.budgets import BUDGETS
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


def server_that(
    answers: list[dict[str, Any]], *, hangs_up: bool = False, factor: float = 8.0
) -> TestServer:
    """Answers once the sound has been followed by silence; its speech is made at `factor`."""
    scrapes = count()

    async def metrics(_: web.Request) -> web.Response:
        registry = CollectorRegistry()
        for budget in BUDGETS:
            series = Histogram(budget.series, "", buckets=(budget.edge, 4.0), registry=registry)
            if next(scrapes) >= len(BUDGETS):  # the second page has grown
                series.observe(factor if budget.above else 0.01)
        return web.Response(body=generate_latest(registry))

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
    app.router.add_get("/metrics", metrics)
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


@pytest.mark.parametrize(("factor", "status"), [(2.0, 0), (0.5, 1)])
async def test_the_command_ends_as_its_budgets_do(
    tmp_path: Path, factor: float, status: int
) -> None:
    async with server_that(ANSWER, factor=factor) as server:
        arguments = f"-m loadtests --calls 2 --turns 1 --url {server.make_url('')} --out {tmp_path}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments.split(), stdout=asyncio.subprocess.PIPE
        )
        table, _ = await process.communicate()
    assert process.returncode == status
    assert b"2 calls, 2 of 2 turns answered" in table
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["parameters"]["calls"] == 2
    assert [budget["kept"] for budget in report["budgets"]] == [True, True, True, status == 0]


LISTENS = "import signal; print('listening on http://127.0.0.1:1234', flush=True); signal.pause()"


async def test_an_own_server_is_found_by_what_it_prints() -> None:
    async with own_server(("-c", LISTENS)) as url:
        assert url == "http://127.0.0.1:1234"


async def test_an_own_server_that_ends_at_once_is_an_error() -> None:
    with pytest.raises(ServerStartError, match="ended before it listened"):
        async with own_server(("-c", "pass")):
            pytest.fail("it has no URL")
