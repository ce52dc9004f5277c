"""Python functions as tools, as packages bring them."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from typing import Annotated, Any, Literal

import msgspec
import pytest

from rtcserver.errors import ConfigError, ToolError
from rtcserver.services.tools.python import PythonTool, PythonTools, load, tool


class City(msgspec.Struct):
    name: str


@tool(on_interrupt="cancel")
async def weather(city: City, days: Annotated[int, msgspec.Meta(ge=1)] = 1) -> str:
    """Tell the weather of a city."""
    return f"{days} days of rain in {city.name}"


@tool
def add(a: float, b: float) -> dict[str, float]:
    return {"sum": a + b}


@tool
async def breaks(how: Literal["value", "time", "exit"]) -> None:
    kinds = {"value": ValueError("no such thing"), "time": TimeoutError("slow")}
    raise kinds.get(how, SystemExit("enough"))


@tool(name="raw.tool", description="Anything.", parameters={"type": "object"})
async def anything(**arguments: Any) -> list[str]:
    return sorted(arguments)


@pytest.fixture
def box() -> Iterator[PythonTools]:
    tools = PythonTools([weather, add, breaks, anything])
    yield tools
    tools.close()


async def test_a_signature_says_all_that_the_model_has_to_know(box: PythonTools) -> None:
    spec = (await box.tools())[0]
    assert (spec.name, spec.description) == ("weather", "Tell the weather of a city.")
    assert spec.on_interrupt == "cancel"
    assert spec.parameters["type"] == "object"
    assert spec.parameters["required"] == ["city"]
    assert spec.parameters["properties"]["city"] == {"$ref": "#/$defs/City"}
    assert spec.parameters["properties"]["days"] == {"type": "integer", "minimum": 1, "default": 1}
    assert spec.parameters["$defs"]["City"]["properties"] == {"name": {"type": "string"}}


async def test_a_schema_of_ones_own_is_left_as_it_is(box: PythonTools) -> None:
    spec = (await box.tools())[3]
    assert (spec.name, spec.description) == ("raw.tool", "Anything.")
    assert spec.parameters == {"type": "object"}
    assert await box.call("raw.tool", {"b": 1, "a": [2]}) == '["a","b"]'


async def test_arguments_come_as_they_are_annotated(box: PythonTools) -> None:
    said = await box.call("weather", {"city": {"name": "Bonn"}, "days": 2})
    assert said == "2 days of rain in Bonn"
    assert await box.call("add", {"a": 1, "b": 2}) == '{"sum":3.0}'


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("weather", {}, "missing required field `city`"),
        ("weather", {"city": {"name": "Bonn"}, "days": 0}, ">= 1"),
        ("weather", {"city": {"name": "Bonn"}, "date": "x"}, "unknown field `date`"),
        ("add", {"a": "1", "b": 2}, "Expected `float`"),
        ("breaks", {"how": "value"}, "ValueError: no such thing"),
        ("breaks", {"how": "time"}, "TimeoutError: slow"),
        ("breaks", {"how": "exit"}, "SystemExit: enough"),
    ],
)
async def test_whatever_goes_wrong_is_said(
    box: PythonTools, name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        await box.call(name, arguments)


async def test_a_result_that_json_cannot_say_fails_the_call() -> None:
    tools = PythonTools([tool(name="odd")(lambda: object())])
    with pytest.raises(ToolError, match="TypeError"):
        await tools.call("odd", {})
    tools.close()


async def test_what_is_not_async_holds_up_nobody() -> None:
    release, seen = threading.Event(), threading.Event()

    @tool
    def slow() -> str:
        seen.set()
        return str(release.wait(5))

    tools = PythonTools([slow, add])
    waiting = asyncio.create_task(tools.call("slow", {}))
    await asyncio.to_thread(seen.wait, 5)
    assert await tools.call("add", {"a": 1, "b": 1}) == '{"sum":2.0}'
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    tools.close()


def test_two_tools_of_one_name_are_an_operators_mistake() -> None:
    with pytest.raises(ConfigError, match="two tools are called add"):
        PythonTools([add, add])


@pytest.mark.parametrize("function", [lambda *numbers: 1, lambda **names: 1, print])
def test_what_cannot_be_called_by_names_is_no_tool(function: Callable[..., Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        tool(function)


def test_a_policy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="ignore"):
        tool(on_interrupt="ignore")(lambda: 1)


def named(*values: str) -> list[PythonTool]:
    return load(EntryPoint("mine", value, "rtcserver.tools") for value in values)


plain = [lambda city: city, weather]
breakage = "not a function"


def test_entry_points_name_tools_functions_and_lists() -> None:
    found = named(f"{__name__}:weather", f"{__name__}:plain")
    assert [each.spec.name for each in found] == ["weather", "<lambda>", "weather"]


@pytest.mark.parametrize("value", ["nowhere:tool", f"{__name__}:missing", f"{__name__}:breakage"])
def test_an_entry_point_that_cannot_be_loaded_is_named(value: str) -> None:
    with pytest.raises(ConfigError, match=f"entry point mine = {value}"):
        named(value)
