"""openai-python over a WebSocket, by threads and by asyncio."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI
from pydantic import SecretStr
from websockets.exceptions import InvalidStatus

from rtcserver.config import Server, Settings
from tests.clients.openai_talk import Talking, asynchronous, said, sound, threaded
from tests.conversation.dialogue import FIVE_TURNS
from tests.conversation.real_server import RealServer
from tests.conversation.spoken_length import sounding_s, spoken_length_s
from tests.loopback.door import Door, open_door
from tests.speech import script

HELLO = FIVE_TURNS[0]
CHUNK_BYTES = 1_920 * 2
SOME_WORDS = 25  # frames: 2 s
DOOR: dict[str, Any] = {
    "type": "function",
    "name": "open_door",
    "description": "Open the door",
    "parameters": {"type": "object", "properties": {}},
}
both = pytest.mark.parametrize("talking", [threaded, asynchronous])


@both
async def test_what_is_typed_is_answered_aloud(talking: Talking, server: RealServer) -> None:
    async with talking(server.url) as talk:
        assert (await talk.until("session.created"))[-1].session.model == "rtcserver"
        await talk.write("what is two plus three")
        events = await talk.until("response.done")
    assert said(events) == "Two plus three is five."
    assert events[-1].response.status == "completed"
    assert sounding_s(sound(events)) == pytest.approx(spoken_length_s(said(events)), rel=0.1)


@both
async def test_speech_is_a_turn(talking: Talking, server: RealServer) -> None:
    async with talking(server.url) as talk:
        pcm = script(0.5, HELLO.said, 1.5).tobytes()
        for start in range(0, len(pcm), CHUNK_BYTES):
            audio = base64.b64encode(pcm[start : start + CHUNK_BYTES]).decode()
            await talk.do(talk.connection.input_audio_buffer.append, audio=audio)
        before = await talk.until("response.created")
        events = await talk.until("response.done")
    assert before[-2].type == "conversation.item.input_audio_transcription.completed"
    assert HELLO.heard in before[-2].transcript
    assert said(events) == HELLO.answer


@both
async def test_a_response_is_cancelled(talking: Talking, server: RealServer) -> None:
    async with talking(server.url) as talk:
        await talk.write("count from one to one hundred")
        for _ in range(SOME_WORDS):
            await talk.until("response.output_audio.delta")
        await talk.do(talk.connection.response.cancel)
        response = (await talk.until("response.done"))[-1].response
        assert response.status == "cancelled"
        assert response.status_details.reason == "client_cancelled"
        await talk.write("what is two plus three")
        assert said(await talk.until("response.done")) == "Two plus three is five."


@both
async def test_a_tool_is_called_and_answers(talking: Talking, server: RealServer) -> None:
    async with talking(server.url) as talk:
        session = {"type": "realtime", "tools": [DOOR], "output_modalities": ["text"]}
        await talk.do(talk.connection.session.update, session=session)
        assert (await talk.until("session.updated"))[-1].session.tools[0].name == "open_door"
        await talk.write("please open door")
        events = await talk.until("response.done")
        (call,) = (e for e in events if e.type == "response.function_call_arguments.done")
        assert (call.name, call.arguments) == ("open_door", "{}")
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "it is open"}
        await talk.do(talk.connection.conversation.item.create, item=output)
        await talk.do(talk.connection.response.create)
        events = await talk.until("response.done")
    (done,) = (e for e in events if e.type == "response.output_text.done")
    assert done.text == "Here is the answer. it is open"


async def test_it_comes_back_after_a_restart() -> None:
    reasons: list[Any] = []
    async with AsyncOpenAI(api_key="unused") as client:
        async with open_door() as door:
            port = door.url.port
            client.base_url = f"{door.url.origin()}/v1"
            calling = client.realtime.connect(on_reconnecting=reasons.append, initial_delay=0.01)
            connection = await calling.enter()
            events: AsyncIterator[Any] = aiter(connection)
            first = await anext(events)
        async with open_door(port=port):
            second = await anext(events)
            await connection.close()
    assert [(reason.close_code, reason.attempt) for reason in reasons] == [(1012, 1)]
    assert first.type == second.type == "session.created"
    assert first.session.id != second.session.id


async def refusal(door: Door) -> Any:
    client = AsyncOpenAI(base_url=f"{door.url.origin()}/v1", api_key="wrong")
    async with client:
        with pytest.raises(InvalidStatus) as refused:
            await client.realtime.connect(model="rtcserver").enter()
    return refused.value.response


async def test_it_can_read_why_it_is_refused() -> None:
    async with open_door(Settings(server=Server(api_keys=(SecretStr("right"),)))) as door:
        refused = await refusal(door)
    assert refused.status_code == 401
    assert json.loads(refused.body)["error"]["code"] == "invalid_api_key"


async def test_it_can_read_that_all_lines_are_busy() -> None:
    async with (
        open_door(Settings(server=Server(max_calls=1))) as door,
        asynchronous(str(door.url.origin())),
    ):
        refused = await refusal(door)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    assert json.loads(refused.body)["error"]["message"] == "All 1 lines are busy."
