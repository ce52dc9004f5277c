"""A call whose model uses a real MCP server, and sessions that name one they may not have."""

import json
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from rtcserver.config import Settings, Tools
from rtcserver.server.wiring_tools import wire_tools
from rtcserver.services.llm.base import ToolCall
from tests.adapters.stubs.leaks import nothing_left
from tests.adapters.stubs.mcp_server import mcp_server
from tests.loopback.door import CALLS, KEY, KEYED, error_of, open_door

ADD = [ToolCall("c1", "add", '{"a": 40, "b": 2}')]
MINE = {"type": "mcp", "server_label": "sums", "require_approval": "never"}


async def until(ws: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        event: dict[str, Any] = await ws.receive_json(timeout=10)
        assert event["type"] != "error", event
        if event["type"] == kind:
            return event


async def test_a_call_uses_the_server_that_its_client_lists() -> None:
    async with mcp_server() as server, nothing_left():
        settings = Settings(tools=Tools(mcp_allowed_urls=(server.url,)))
        async with (
            wire_tools(settings.tools) as shelf,
            open_door(settings, (ADD, "Forty two."), tools=shelf) as door,
            door.http.ws_connect("/v1/realtime") as ws,
        ):
            tools = [{**MINE, "server_url": server.url}]
            session = {"type": "realtime", "output_modalities": ["text"], "tools": tools}
            await ws.send_json({"type": "session.update", "session": session})
            await until(ws, "mcp_list_tools.completed")
            await ws.send_json({"type": "response.create"})
            await until(ws, "response.mcp_call.completed")
            done = await until(ws, "conversation.item.done")
            assert (done["item"]["name"], done["item"]["output"]) == ("add", "42")
            assert (await until(ws, "response.output_text.done"))["text"] == "Forty two."


@pytest.mark.parametrize("way", ["calls", "client_secrets"])
async def test_a_session_with_a_server_that_is_not_allowed_is_refused(way: str) -> None:
    tools = [{**MINE, "server_url": "http://169.254.169.254/latest"}]
    session = {"type": "realtime", "tools": tools}
    path = CALLS if way == "calls" else "/v1/realtime/client_secrets"
    body = json.dumps({"sdp": "v=0", "session": session})
    headers = {**KEY, "Content-Type": "application/json"}
    async with (
        open_door(KEYED) as door,
        door.http.post(path, data=body, headers=headers) as response,
    ):
        assert response.status == 400
        error = await error_of(response)
    assert error["param"] == "session.tools[0].server_url"
    assert error["code"] == "mcp_server_not_allowed"
