"""From settings to servers of tools."""

import sys

import pytest

from rtcserver.config import Tools
from rtcserver.errors import ConfigError, ToolError
from rtcserver.realtime.mcp_tool import McpTool
from rtcserver.server.wiring_tools import wire_tools
from rtcserver.services import tools
from rtcserver.settings import load
from tests.adapters.stubs.leaks import nothing_left
from tests.adapters.stubs.mcp_server import mcp_server

STDIO = f"{sys.executable} -m tests.adapters.stubs.mcp_server stdio"


async def test_nothing_is_there_by_default() -> None:
    async with wire_tools(Tools()) as shelf:
        assert shelf.labels == ()
        server = McpTool(server_label="x", server_url="http://127.0.0.1:1/mcp")
        with pytest.raises(ToolError, match="allows no MCP servers"):
            shelf.open("x", server)


async def test_servers_of_the_operator_are_opened_by_label() -> None:
    async with mcp_server() as server:
        settings = load(
            {
                "tools.mcp_servers": f"web={server.url}, pipe={STDIO}",
                "tools.mcp_tokens": "web=secret=",
            }
        ).settings.tools
        async with wire_tools(settings) as shelf, nothing_left():
            assert shelf.labels == ("web", "pipe")
            for label in shelf.labels:
                async with shelf.open(label, None) as box:
                    assert await box.call("add", {"a": 1, "b": 1}) == "2"
        assert {each["authorization"] for each in server.headers} == {"Bearer secret="}


async def test_a_server_of_the_client_gets_its_keys() -> None:
    async with mcp_server() as server:
        allowed = Tools(mcp_allowed_urls=(server.url,))
        asked = McpTool(
            server_label="crm",
            server_url=server.url,
            authorization="token",
            headers={"x-team": "7", "AUTHORIZATION": "other"},
        )
        async with wire_tools(allowed) as shelf, nothing_left(), shelf.open("crm", asked) as box:
            assert await box.call("add", {"a": 1, "b": 1}) == "2"
        assert {each["x-team"] for each in server.headers} == {"7"}
        assert {each["authorization"] for each in server.headers} == {"Bearer token"}


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ({"tools.mcp_servers": "http://host/mcp"}, "must be written as label=…"),
        ({"tools.mcp_tokens": "secret"}, r"tools.mcp_tokens = \*\*\*\*"),
        ({"tools.mcp_allowed_urls": "host"}, "must be an address that begins with http"),
        ({"tools.on_interrupt": "crm=wait"}, "must be written as label=policy"),
    ],
)
def test_a_slip_is_told_when_settings_are_read(flags: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load(flags)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ({"tools.mcp_servers": "a=http://a, a=http://b"}, "the label a is taken"),
        ({"tools.mcp_servers": "python=http://a"}, "the label python is taken"),
        ({"tools.mcp_servers": "a=http://a", "tools.mcp_tokens": "b=c"}, "tools.mcp_tokens"),
        ({"tools.mcp_servers": "a=unclosed 'quote"}, "tools.mcp_servers: a"),
    ],
)
async def test_a_slip_is_told_at_the_start(flags: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        async with wire_tools(load(flags).settings.tools):
            pass


@pytest.fixture
def no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the package were not installed, and nothing had asked for it yet."""
    monkeypatch.delattr(tools, "mcp", raising=False)
    monkeypatch.delitem(sys.modules, f"{tools.__name__}.mcp", raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)


@pytest.mark.usefixtures("no_sdk")
async def test_a_missing_package_is_named_with_the_command_that_brings_it() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'rtcserver\[mcp\]'"):
        async with wire_tools(Tools(mcp_allowed_urls=("https://mcp.example.com",))):
            pass
