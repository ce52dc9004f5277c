"""The demo agent on a real socket, met by plain HTTP and by the official client."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from socket import create_server
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openai import AsyncOpenAI, BadRequestError

from rtcserver import timer
from rtcserver.local.agent_server import Handler, Pace, make_app

HANG_UP = {"type": "function", "function": {"name": "hang_up", "parameters": {"type": "object"}}}
CHAT = "/v1/chat/completions"

Agent = TestClient[web.Request, web.Application]


def asking(text: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": "rtcserver-demo", "messages": messages, **fields}


async def serve(pace: Pace) -> AsyncIterator[Agent]:
    async with TestClient(TestServer(make_app(pace))) as client:
        yield client


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    async for client in serve(Pace(first_token_ms=0, tokens_per_s=10_000)):
        yield client


@pytest.fixture
async def slow_agent() -> AsyncIterator[Agent]:
    """First token after 100 ms, then one every 50 ms."""
    async for client in serve(Pace(first_token_ms=100, tokens_per_s=20)):
        yield client


@pytest.fixture
async def openai(agent: Agent) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=str(agent.make_url("/v1")), api_key="EMPTY") as client:
        yield client


async def test_the_one_model_is_listed(openai: AsyncOpenAI) -> None:
    assert [model.id async for model in openai.models.list()] == ["rtcserver-demo"]


async def test_the_official_client_reads_a_stream(openai: AsyncOpenAI) -> None:
    stream = await openai.chat.completions.create(
        model="rtcserver-demo",
        messages=[{"role": "user", "content": "what is two plus three"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == "Two plus three is five."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 6


async def test_the_official_client_assembles_a_call(openai: AsyncOpenAI) -> None:
    async with openai.chat.completions.stream(
        model="rtcserver-demo",
        messages=[{"role": "user", "content": "goodbye"}],
        tools=[{"type": "function", "function": {"name": "hang_up", "parameters": {}}}],
    ) as stream:
        choice = (await stream.get_final_completion()).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert (choice.message.content or "").startswith("Goodbye")
    assert choice.message.tool_calls is not None
    assert choice.message.tool_calls[0].id.startswith("call_")
    assert choice.message.tool_calls[0].function.name == "hang_up"
    assert choice.message.tool_calls[0].function.arguments == "{}"


async def test_an_answer_need_not_be_streamed(openai: AsyncOpenAI) -> None:
    answer = await openai.chat.completions.create(
        model="rtcserver-demo", messages=[{"role": "user", "content": "thank you"}]
    )
    assert answer.choices[0].message.content == "You are welcome!"


async def test_the_official_client_learns_which_field_is_wrong(openai: AsyncOpenAI) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai.chat.completions.create(model="rtcserver-demo", messages=[])
    assert (caught.value.param, caught.value.type) == ("messages", "invalid_request_error")


async def test_the_stream_is_server_sent_events(agent: Agent) -> None:
    async with agent.post(CHAT, json=asking("stop", stream=True)) as response:
        body = (await response.read()).decode()
    assert response.content_type == "text/event-stream"
    events = body.removesuffix("\n\n").split("\n\n")
    assert events[-1] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        (CHAT, b"{", 400, None),
        (CHAT, b'{"model": "rtcserver-demo", "messages": 1}', 400, "messages"),
        (CHAT, b'{"model": "x", "messages": [{"role": "user"}]}', 404, "model"),
        (CHAT, b" " * (5 * 2**20), 413, None),
        ("/v1/nothing", b"{}", 404, None),
        ("/v1/models", b"{}", 405, None),
    ],
)
async def test_every_refusal_is_an_openai_error(
    agent: Agent, path: str, body: bytes, status: int, param: str | None
) -> None:
    async with agent.post(path, data=body) as response:
        error = (await response.json())["error"]
    assert response.status == status
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["param"] == param


async def test_tokens_leave_at_the_pace_asked_for(slow_agent: Agent) -> None:
    start = timer.now()
    async with slow_agent.post(CHAT, json=asking("thanks", stream=True)) as response:
        arrivals = [timer.now() - start async for line in response.content if b'"content":' in line]
    _, *tokens = arrivals  # the role comes at once, then: "You", " are", " welcome", "!"
    for token, due in zip(tokens, (0.1, 0.15, 0.2, 0.25), strict=True):
        assert due <= token < due + 1.0


async def test_a_vanished_client_stops_its_stream() -> None:
    """The story takes 7 s; its handler ends with its client."""
    ended = asyncio.Event()

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        finally:
            ended.set()

    app = make_app(Pace(first_token_ms=0, tokens_per_s=20))
    app.middlewares.append(watch)
    runner = web.AppRunner(app)  # as run_child has it: TestServer would cancel the handler itself
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        async with aiohttp.ClientSession(f"http://{host}:{port}") as http:
            response = await http.post(CHAT, json=asking("tell me a story", stream=True))
            assert await response.content.readline()
            response.close()
            async with asyncio.timeout(2):
                await ended.wait()
    finally:
        await runner.cleanup()


def test_it_runs_as_a_program_until_its_parent_lets_go() -> None:
    with create_server(("127.0.0.1", 0)) as listening:
        fd = str(listening.fileno())
        child = subprocess.Popen(
            [sys.executable, "-m", "rtcserver.local.agent_server", "--fd", fd],
            stdin=subprocess.PIPE,
            pass_fds=(listening.fileno(),),
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1/models"
    try:
        assert asyncio.run(_get(url))["data"][0]["id"] == "rtcserver-demo"
        child.communicate(timeout=10)  # closes stdin
        assert child.returncode == 0
    finally:
        child.kill()
        child.wait()


async def _get(url: str) -> Any:
    async with (
        asyncio.timeout(10),
        aiohttp.ClientSession() as http,
        http.get(url) as response,
    ):
        return await response.json()
