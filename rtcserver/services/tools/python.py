"""Python functions as tools: found by the entry points of installed packages.

@tool(on_interrupt="cancel")
async def weather(city: str, days: int = 1) -> str:
    \"\"\"Tell the weather of a city.\"\"\"

[project.entry-points."rtcserver.tools"]
weather = "my_package:weather"
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, get_type_hints, overload

import msgspec

from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.errors import ConfigError, ToolError

LABEL = "python"
"""Of all of them together, as a server of tools."""

_THREADS = 16  # a function that is not async holds one of them until it returns


@dataclass(frozen=True, slots=True)
class PythonTool:
    """A function of type-annotated arguments. What is not async runs in a thread, where it cannot
    be stopped: an interruption or the time limit only stops waiting for it."""

    function: Callable[..., Any]
    spec: ToolSpec
    arguments: type[msgspec.Struct] | None
    """None takes them as they come: whoever gives a schema checks by it."""

    async def call(self, arguments: dict[str, Any], threads: ThreadPoolExecutor) -> str:
        """Raises ToolError, whatever the function raises."""
        try:
            given = self._checked(arguments)
            if inspect.iscoroutinefunction(self.function):
                result = await self.function(**given)
            else:
                loop = asyncio.get_running_loop()
                result = await loop.run_in_executor(threads, lambda: self.function(**given))
            return result if isinstance(result, str) else msgspec.json.encode(result).decode()
        # Anything may go wrong in there, and only this call with it: a script made into a tool may
        # even exit.
        except (Exception, SystemExit) as exc:
            raise ToolError(f"{type(exc).__name__}: {exc}") from exc

    def _checked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if self.arguments is None:
            return arguments
        checked = msgspec.convert(arguments, self.arguments)
        return {name: getattr(checked, name) for name in checked.__struct_fields__}


@overload
def tool(function: Callable[..., Any], /) -> PythonTool: ...
@overload
def tool(
    *,
    name: str = "",
    description: str = "",
    parameters: dict[str, Any] | None = None,
    on_interrupt: str | None = None,
) -> Callable[[Callable[..., Any]], PythonTool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    parameters: dict[str, Any] | None = None,
    on_interrupt: str | None = None,
) -> PythonTool | Callable[[Callable[..., Any]], PythonTool]:
    """Make a function a tool, with or without brackets. Its name, its docstring and its type hints
    say what there is to say; `parameters` is a JSON schema to be used instead of the hints.
    Raises TypeError or ValueError for what is no tool."""

    def make(function: Callable[..., Any]) -> PythonTool:
        taken = None if parameters is not None else _arguments(function)
        schema = parameters if taken is None else _schema(taken)
        policy = OnInterrupt(on_interrupt) if on_interrupt else None
        told = description or inspect.getdoc(function) or ""
        spec = ToolSpec(name or function.__name__, told, schema or {}, on_interrupt=policy)
        return PythonTool(function, spec, taken)

    return make if function is None else make(function)


class PythonTools:
    """All of them, as one server of tools. Several calls share it: it holds nothing of any."""

    def __init__(self, tools: Iterable[PythonTool]) -> None:
        """Raises ConfigError if two have one name."""
        self._tools: dict[str, PythonTool] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tool")
        for each in tools:
            if each.spec.name in self._tools:
                raise ConfigError(f"two tools are called {each.spec.name}")
            self._tools[each.spec.name] = each

    def __len__(self) -> int:
        return len(self._tools)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["PythonTools", None]:
        yield self

    async def tools(self) -> tuple[ToolSpec, ...]:
        return tuple(each.spec for each in self._tools.values())

    async def call(self, tool: str, arguments: dict[str, Any]) -> str:
        return await self._tools[tool].call(arguments, self._threads)

    def close(self) -> None:
        """Nobody waits for a function that does not return."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def installed() -> Iterable[EntryPoint]:
    """Of the packages beside this one."""
    return entry_points(group="rtcserver.tools")


def load(entries: Iterable[EntryPoint]) -> list[PythonTool]:
    """What they name: each a tool, a plain function, or a list of these. Raises ConfigError
    naming the entry point."""
    found: list[PythonTool] = []
    for entry in entries:
        try:
            named = entry.load()
            several = named if isinstance(named, list | tuple) else [named]
            found += (each if isinstance(each, PythonTool) else tool(each) for each in several)
        except Exception as exc:
            why = f"{type(exc).__name__}: {exc}"
            raise ConfigError(f"entry point {entry.name} = {entry.value}: {why}") from exc
    return found


def _arguments(function: Callable[..., Any]) -> type[msgspec.Struct]:
    """A struct with a field for each argument."""
    hints = get_type_hints(function, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for name, argument in inspect.signature(function).parameters.items():
        if argument.kind not in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY):
            raise TypeError(
                f"{function.__name__}(): *args, **kwargs and / cannot be called by name"
            )
        default = msgspec.NODEFAULT if argument.default is argument.empty else argument.default
        fields.append((name, hints.get(name, Any), default))
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)


def _schema(arguments: type[msgspec.Struct]) -> dict[str, Any]:
    """With the object at its root, where chat models look for it."""
    _, components = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    root = dict(components.pop("Arguments"))
    root.pop("title", None)
    return {**root, "$defs": components} if components else root
