"""Find the tools that calls can use."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from types import ModuleType

import structlog

from rtcserver.config import Tools
from rtcserver.errors import ConfigError
from rtcserver.extras import how_to_install
from rtcserver.realtime.mcp_tool import McpTool
from rtcserver.services.tools import python
from rtcserver.services.tools.base import Toolbox
from rtcserver.services.tools.shelf import Opening, Shelf

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def wire_tools(settings: Tools) -> AsyncIterator[Shelf]:
    """Load what packages bring, and the SDK of MCP where it is wanted. Raises ConfigError."""
    installed = await asyncio.to_thread(_installed)
    if installed:
        _log.info("tools of packages", names=[tool.spec.name for tool in installed])
    functions = python.PythonTools(installed)
    own: dict[str, Opening] = {python.LABEL: functions.open} if len(functions) else {}
    try:
        if settings.mcp_servers or settings.mcp_allowed_urls:
            mcp = await asyncio.to_thread(_load_mcp)  # half a second of imports
            yield Shelf({**own, **_servers(mcp, settings)}, partial(_given, mcp))
        else:
            yield Shelf(own)
    finally:
        functions.close()


def _installed() -> list[python.PythonTool]:
    """Imports them, which may take its time."""
    return python.load(python.installed())


def _load_mcp() -> ModuleType:
    try:
        from rtcserver.services.tools import mcp
    except ImportError as exc:
        raise ConfigError(
            "tools.mcp_servers and tools.mcp_allowed_urls need one more package: "
            f"{how_to_install('mcp')} ({exc})"
        ) from exc
    return mcp


def _servers(mcp: ModuleType, settings: Tools) -> Mapping[str, Opening]:
    """Of the operator. Raises ConfigError."""
    tokens = _by_label("tools.mcp_tokens", [s.get_secret_value() for s in settings.mcp_tokens])
    servers = _by_label("tools.mcp_servers", settings.mcp_servers)
    if strangers := sorted(tokens.keys() - servers.keys()):
        raise ConfigError(f"tools.mcp_tokens: no server in tools.mcp_servers is {strangers[0]}")
    return {
        label: partial(mcp.over_http, where, _bearer(tokens.get(label)))
        if where.startswith(("http://", "https://"))
        else partial(mcp.over_stdio, *_command(label, where))
        for label, where in servers.items()
    }


def _command(label: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as exc:
        raise ConfigError(f"tools.mcp_servers: {label}: {exc}") from exc


def _by_label(setting: str, texts: tuple[str, ...] | list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, _, what in (text.partition("=") for text in texts):
        if label in found or label == python.LABEL:
            raise ConfigError(f"{setting}: the label {label} is taken")
        found[label] = what
    return found


def _given(mcp: ModuleType, server: McpTool) -> AbstractAsyncContextManager[Toolbox]:
    """What a client names; that it may is checked before."""
    headers = {name.lower(): value for name, value in (server.headers or {}).items()}
    headers |= _bearer(server.authorization)
    opened: AbstractAsyncContextManager[Toolbox] = mcp.over_http(server.server_url, headers)
    return opened


def _bearer(token: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}
