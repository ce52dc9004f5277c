import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from rtcserver.config import Llm
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import ServiceBusy, ServiceError, ServiceFailed, ServiceUnavailable
from rtcserver.services.llm.base import ChatEvent, Finish, TextDelta, Usage
from rtcserver.services.llm.openai_chat import OpenAiChat
from rtcserver.timer import now
from tests import virtual_time
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.openai_chat import (
    DONE,
    HELLO,
    USAGE,
    Cut,
    OpenAiChatStub,
    Pings,
    Stall,
    piece,
)
from tests.adapters.stubs.serving import client

REQUEST = ChatRequest(({"role": "user", "content": "Hi"},))
SAID = [TextDelta("Hello"), TextDelta(" there.")]


@asynccontextmanager
async def chatting(stub: OpenAiChatStub, **settings: Any) -> AsyncIterator[OpenAiChat]:
    async with nothing_left(), stub.running() as url, client() as http:
        yield OpenAiChat(http, url, Llm(**settings))
        await until(lambda: stub.streaming == 0)
    assert counted("rtc_service_active", service="llm") == 0


async def listen(
    chat: OpenAiChat, request: ChatRequest = REQUEST, heard: list[ChatEvent] | None = None
) -> list[ChatEvent]:
    """To the end; `heard` gets what was said even if it raises."""
    heard = [] if heard is None else heard
    async with asyncio.timeout(5):
        async for event in chat.stream(request):
            heard.append(event)
    return heard


async def test_a_reply_is_streamed() -> None:
    stub = OpenAiChatStub(reply=[*HELLO, USAGE, DONE])
    async with chatting(stub) as chat:
        assert await listen(chat) == [*SAID, Usage(3, 2), Finish("stop")]
    assert stub.bodies == [
        {
            "model": "tiny",
            "messages": [{"role": "user", "content": "Hi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


async def test_settings_and_request_shape_the_body() -> None:
    stub = OpenAiChatStub(key="secret")
    tool = {"type": "function", "function": {"name": "hang_up"}}
    request = ChatRequest(REQUEST.messages, (tool,), "auto", 50)
    key = SecretStr("secret")
    async with chatting(stub, model="big", temperature=0.5, api_key=key) as chat:
        await listen(chat, request)
    body = stub.bodies[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("big", 0.5, 50)
    assert (body["tools"], body["tool_choice"]) == ([tool], "auto")
    assert not {"parallel_tool_calls", "reasoning_effort"} & body.keys()
    assert stub.models_asked == 0


async def test_a_session_that_names_a_model_of_the_map_gets_it() -> None:
    stub = OpenAiChatStub()
    names = ("gpt-realtime", "gpt-realtime-2.1")
    requests = [
        ChatRequest(REQUEST.messages, model=name, parallel_tool_calls=False, reasoning_effort="low")
        for name in names
    ]
    async with chatting(stub, model="small", model_map={"gpt-realtime-2.1": "big"}) as chat:
        for request in requests:
            await listen(chat, request)
    assert [body["model"] for body in stub.bodies] == ["small", "big"]
    assert stub.bodies[0]["reasoning_effort"] == "low"
    assert stub.bodies[0]["parallel_tool_calls"] is False


async def test_the_only_model_is_picked_once_and_the_connection_kept() -> None:
    stub = OpenAiChatStub()
    async with chatting(stub) as chat:
        for _ in range(3):
            await listen(chat)
    assert stub.models_asked == 1
    assert len(stub.peers) == 1


@pytest.mark.parametrize("models", [(), ("a", "b")])
async def test_without_a_choice_of_model_the_setting_is_named(models: tuple[str, ...]) -> None:
    async with chatting(OpenAiChatStub(models=models)) as chat:
        with pytest.raises(ServiceUnavailable, match=r"set llm\.model: the server lists"):
            await listen(chat)


async def test_the_environment_of_the_openai_package_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    async with chatting(OpenAiChatStub()) as chat:
        assert (await listen(chat))[:2] == SAID


async def test_a_server_that_refuses_stream_options_is_asked_without_from_then_on() -> None:
    stub = OpenAiChatStub(refuses_stream_options=True)
    async with chatting(stub) as chat:
        for _ in range(2):
            assert await listen(chat) == [*SAID, Finish("stop")]
    assert ["stream_options" in body for body in stub.bodies] == [True, False, False]


async def test_a_model_that_wants_another_name_for_the_limit_gets_it_from_then_on() -> None:
    stub = OpenAiChatStub(refuses_max_tokens=True)
    request = ChatRequest(REQUEST.messages, max_tokens=50)
    async with chatting(stub) as chat:
        for _ in range(2):
            assert (await listen(chat, request))[:2] == SAID
    assert [body.get("max_completion_tokens") for body in stub.bodies[-2:]] == [50, 50]
    assert "max_tokens" not in stub.bodies[-1]


@pytest.mark.parametrize(
    ("status", "error", "kind", "message"),
    [
        (400, {"error": {"message": "bad tool"}}, ServiceFailed, r"failed \(400\): bad tool"),
        (404, {"error": "no such model"}, ServiceUnavailable, r"llm\.model: no such model"),
        (429, {"detail": "slow down"}, ServiceBusy, "slow down"),
        (503, [], ServiceBusy, "503"),
        (502, "<html>", ServiceUnavailable, "502"),
        (500, {"message": "x" * 9999}, ServiceFailed, "500"),
    ],
)
async def test_refusals_say_why(
    status: int, error: Any, kind: type[ServiceError], message: str
) -> None:
    async with chatting(OpenAiChatStub(status=status, error=error)) as chat:
        with pytest.raises(kind, match=message) as raised:
            await listen(chat)
    assert len(str(raised.value)) < 300


async def test_a_wrong_key_is_named() -> None:
    async with chatting(OpenAiChatStub(key="secret")) as chat:
        with pytest.raises(ServiceUnavailable, match=r"401.*llm\.api_key: who are you"):
            await listen(chat)


async def test_a_request_cut_before_its_answer_is_made_once_more() -> None:
    async with chatting(OpenAiChatStub(drops=1)) as chat:
        assert (await listen(chat))[:2] == SAID
    async with chatting(OpenAiChatStub(drops=2)) as chat:
        with pytest.raises(ServiceUnavailable, match="cannot connect"):
            await listen(chat)


async def test_a_reply_cut_in_the_middle_fails_and_is_not_asked_again() -> None:
    stub = OpenAiChatStub(reply=[piece("Hello"), Cut()])
    heard: list[ChatEvent] = []
    async with chatting(stub) as chat:
        with pytest.raises(ServiceFailed, match=r"connection lost|cut off"):
            await listen(chat, heard=heard)
    assert heard in ([TextDelta("Hello")], [])
    assert len(stub.bodies) == 1


async def test_an_end_in_the_middle_of_a_reply_fails() -> None:
    async with chatting(OpenAiChatStub(reply=[piece("Hello")])) as chat:
        with pytest.raises(ServiceFailed, match="cut off in mid-reply"):
            await listen(chat)


async def test_garbage_fails() -> None:
    async with chatting(OpenAiChatStub(reply=[b"data: {nonsense\n\n"])) as chat:
        with pytest.raises(ServiceFailed, match="garbage"):
            await listen(chat)


async def test_each_wait_has_its_limit() -> None:
    async with chatting(OpenAiChatStub(headers_after_s=0.3), first_byte_timeout_s=0.1) as chat:
        with pytest.raises(ServiceUnavailable, match=r"not ready within 0\.1 s"):
            await listen(chat)
    async with chatting(OpenAiChatStub(reply=[Stall()]), first_byte_timeout_s=0.1) as chat:
        with pytest.raises(ServiceFailed, match="no token came in time"):
            await listen(chat)
    stub = OpenAiChatStub(reply=[piece("Hello"), Stall()])
    async with chatting(stub, token_timeout_s=0.1) as chat:
        with pytest.raises(ServiceFailed, match="no token came in time"):
            await listen(chat)


async def test_pings_are_no_tokens() -> None:
    stub = OpenAiChatStub(reply=[piece("Hello"), Pings()])
    async with chatting(stub, token_timeout_s=0.1) as chat:
        with pytest.raises(ServiceFailed, match="no token came in time"):
            await listen(chat)


async def test_a_finished_reply_does_not_wait_for_a_server_that_lingers() -> None:
    async with chatting(OpenAiChatStub(reply=[*HELLO, Stall()])) as chat:
        assert await listen(chat) == [*SAID, Finish("stop")]


async def test_closing_the_iterator_stops_the_server() -> None:
    stub = OpenAiChatStub(reply=[piece("Hello"), Stall()])
    async with chatting(stub) as chat:
        async with aclosing(chat.stream(REQUEST)) as reply:
            assert await anext(reply) == TextDelta("Hello")
            assert stub.streaming == 1
        await until(lambda: stub.streaming == 0, limit_s=1)


async def test_cancelling_the_listener_stops_the_server() -> None:
    stub = OpenAiChatStub(reply=[piece("Hello"), Stall()])
    async with chatting(stub) as chat:
        heard: list[ChatEvent] = []
        listening = asyncio.create_task(listen(chat, heard=heard))
        await until(lambda: bool(heard))
        listening.cancel()
        await until(lambda: stub.streaming == 0, limit_s=1)


async def test_latency_is_measured_from_request_to_token_and_whole_word() -> None:
    series = ["rtc_llm_first_token_seconds_count", "rtc_llm_first_word_seconds_count"]
    before = [counted(name) for name in series]
    async with chatting(OpenAiChatStub()) as chat:
        await listen(chat)
    assert [counted(name) for name in series] == [count + 1 for count in before]


async def test_probe_asks_for_the_models() -> None:
    async with chatting(OpenAiChatStub()) as chat:
        assert 0 < await chat.probe() < 1
    async with client() as http:
        with pytest.raises(ServiceUnavailable, match="cannot connect"):
            await OpenAiChat(http, "http://127.0.0.1:9/v1", Llm()).probe()


def test_the_wait_for_the_headers_is_part_of_that_for_the_first_byte() -> None:
    async def main() -> float:
        stub = OpenAiChatStub(headers_after_s=6.0, reply=[Stall()])
        async with stub.running() as url, client() as http:
            chat = OpenAiChat(http, url, Llm(first_byte_timeout_s=10.0, model="tiny"))
            began = now()
            with pytest.raises(ServiceFailed, match="no token"):
                async for _ in chat.stream(REQUEST):
                    pass
            return now() - began

    assert 9.9 < virtual_time.run(main(), sockets=True) < 11


async def test_a_server_that_lists_no_models_is_well_all_the_same() -> None:
    async with chatting(OpenAiChatStub(lists_models=False), model="tiny") as chat:
        assert 0 < await chat.probe() < 1
