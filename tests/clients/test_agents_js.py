"""@openai/agents-realtime, over a WebSocket out of Node."""

from typing import Any

import pytest

from tests.clients import node
from tests.conversation.real_server import RealServer

pytestmark = pytest.mark.usefixtures("packages")

SUM_AND_DOOR: list[dict[str, Any]] = [
    {"role": "user", "status": "completed", "text": "what is two plus three"},
    {"role": "assistant", "status": "completed", "text": "Two plus three is five."},
    {"role": "user", "status": "completed", "text": "please open door"},
    {"role": "assistant", "status": "completed", "text": "One moment, please."},
    {"type": "function_call", "name": "open_door", "output": "the door is open"},
    {
        "role": "assistant",
        "status": "completed",
        "text": "Here is the answer. the door is open",
    },
]


async def test_a_sum_and_a_tool(server: RealServer) -> None:
    found = await node.run("agents_websocket.mjs", server.url)
    assert found["errors"] == found["unparsed"] == []
    assert found["history"] == SUM_AND_DOOR
    assert found["toolCalls"] == 1
