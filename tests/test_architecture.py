"""The floors hold: who may import whom, what pure rooms must not know, whose privates are whose."""

import ast
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.source import Module, modules

FLOORS: tuple[set[str], ...] = (
    {
        "errors",
        "ids",
        "log",
        "trace",
        "timer",
        "metrics",
        "config",
        "config_types",
        "settings",
        "backends",
        "extras",
        "",
    },
    {"audio", "text", "realtime", "rtp", "sip"},
    {"turns"},
    {"conversation"},
    {"services", "storage", "transports"},
    {"session"},
    {"server"},
    {"cli"},
    {"__main__"},
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
CELLAR, PURE = FLOORS[0], FLOORS[1] | FLOORS[2] | FLOORS[3]
DOOR_OF_LOCAL = "rtcserver.local.supervisor"  # how the server starts the programs in local/

# All that a room without asyncio, clock, randomness and I/O may know of the world outside.
PURE_LIBRARIES = {
    *("__future__", "abc", "collections", "contextlib", "dataclasses", "enum", "types", "typing"),
    *("bisect", "functools", "heapq", "itertools", "operator", "fractions", "math", "statistics"),
    *("array", "base64", "binascii", "ipaddress", "json", "re", "string", "struct", "unicodedata"),
    *("av", "msgspec", "numpy"),
}
# A model is read once and then computes; a pure room may hold it.
MODEL_LIBRARIES = {"rtcserver.audio.silero": {"onnxruntime", "importlib", "pathlib"}}
DOCUMENTED_UNDERSCORES = {"_exit", "_asdict", "_replace", "_fields"}  # of os and namedtuple
# The demo agent tells the time of day; a certificate has dates.
WALL_CLOCK_READERS = {
    "rtcserver.local.agent",
    "rtcserver.server.certificate",
    "rtcserver.server.tls",
}


def floors(module: Module) -> Iterator[str]:
    """Imports from a floor above, or from another room on the same floor."""
    for name in (name for name in module.imported() if name.startswith("rtcserver.")):
        room = name.split(".")[1]
        if room not in LEVEL | {"local": 0}:
            room = ""  # `from rtcserver import __version__`
        if room == module.room or (room in CELLAR and module.room in CELLAR):
            continue
        if module.room == "local":
            allowed = room in PURE | CELLAR
        elif room == "local":
            allowed = module.room == "server" and f"{name}.".startswith(f"{DOOR_OF_LOCAL}.")
        else:
            allowed = LEVEL[room] < LEVEL[module.room]
        if not allowed:
            yield f"{module.name} imports {name}"


def purity(module: Module) -> Iterator[str]:
    """Pure rooms: only `errors` of the cellar, only libraries that compute."""
    if module.room not in PURE:
        return
    allowed = PURE_LIBRARIES | MODEL_LIBRARIES.get(module.name, set())
    for name in module.imported():
        first, second = f"{name}.".split(".")[:2]
        if first == "rtcserver" and second in CELLAR - {"errors"}:
            yield f"{module.name} imports {name}, but a pure room knows only errors"
        elif first not in allowed | {"rtcserver"}:
            yield f"{module.name} imports {name}, which may wait, read a clock, roll dice or do I/O"
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                yield f"{module.name}:{node.lineno} calls {name}()"
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"):
                yield f"{module.name}:{node.lineno} rolls dice"


def clocks(module: Module) -> Iterator[str]:
    """timer.py is the only door to a clock, and few have a calendar."""
    for name in module.imported():
        if name.split(".")[0] == "time" and module.name != "rtcserver.timer":
            yield f"{module.name} imports time: use rtcserver.timer"
        if name.split(".")[0] == "datetime" and not module.name.startswith(
            tuple(WALL_CLOCK_READERS)
        ):
            yield f"{module.name} imports datetime"


def privates(module: Module) -> Iterator[str]:
    """A name with a leading underscore is touched only in the file that defines it."""
    if module.name == "rtcserver.transports.webrtc.aiortc_private":
        return
    own = DOCUMENTED_UNDERSCORES | set(_names_defined(module))
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(attr=name, value=owner) if not (
                isinstance(owner, ast.Name) and owner.id in {"self", "cls"}
            ):
                pass
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                pass
            case ast.ImportFrom(names=aliases):
                name = next((alias.name for alias in aliases if alias.name[0] == "_"), "")
            case _:
                continue
        if name.startswith("_") and not name.endswith("__") and name not in own:
            yield f"{module.name}:{node.lineno} touches {name}"


def _names_defined(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.ClassDef(name=name):
                yield name
            case ast.Attribute(attr=name, value=ast.Name(id="self"), ctx=ast.Store()):
                yield name


def door_plates(module: Module) -> Iterator[str]:
    """Every file opens with what it is; an __init__.py holds nothing more."""
    if not ast.get_docstring(module.tree):
        yield f"{module.name} does not say what it is"
    body = module.tree.body[1:]
    if module.is_package and any(ast.unparse(node)[:11] != "__version__" for node in body):
        yield f"{module.name}/__init__.py holds more than its door-plate"


RULES = (floors, purity, clocks, privates, door_plates)


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(rule: Callable[[Module], Iterator[str]]) -> None:
    assert [offence for module in modules("rtcserver") for offence in rule(module)] == []


def test_tests_and_load_tests_touch_no_privates() -> None:
    ours = [*modules("tests"), *modules("loadtests")]
    assert [offence for module in ours for offence in privates(module)] == []


def test_no_module_imports_itself_through_others() -> None:
    ours = {module.name: module for module in modules("rtcserver") if not module.is_package}
    graph = {name: _edges(module, set(ours)) for name, module in ours.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as exc:
        pytest.fail(" -> ".join(exc.args[1]))


def _edges(module: Module, known: set[str]) -> set[str]:
    candidates = set(module.imported())
    return known & (candidates | {name.rpartition(".")[0] for name in candidates})


OFFENCES = [
    (floors, "rtcserver.audio.x", "from rtcserver.turns import hearing"),
    (floors, "rtcserver.services.x", "from rtcserver.transports.base import Transport"),
    (floors, "rtcserver.session.x", "def f():\n    import rtcserver.server.app"),
    (floors, "rtcserver.session.x", "from rtcserver.local import supervisor"),
    (floors, "rtcserver.server.x", "from rtcserver.local.tts_server import main"),
    (floors, "rtcserver.local.x", "from rtcserver.services.stt import base"),
    (floors, "rtcserver.text.x", "if TYPE_CHECKING:\n    from ..audio.format import Samples"),
    (purity, "rtcserver.turns.x", "import asyncio"),
    (purity, "rtcserver.conversation.x", "from rtcserver.ids import random_id"),
    (purity, "rtcserver.audio.x", "import numpy as np\nnp.random.rand()"),
    (purity, "rtcserver.text.x", "open('words')"),
    (clocks, "rtcserver.session.x", "from time import monotonic"),
    (clocks, "rtcserver.server.x", "import datetime"),
    (privates, "rtcserver.transports.x", "def f(pc):\n    return pc._RTCPeerConnection__sctp"),
    (privates, "rtcserver.transports.x", "getattr(pc, '_sctp', None)"),
    (privates, "rtcserver.transports.x", "from aioice.ice import _secret"),
    (door_plates, "rtcserver.audio.x", "x = 1"),
]


@pytest.mark.parametrize(("rule", "name", "text"), OFFENCES)
def test_the_rule_bites(rule: Callable[[Module], Iterator[str]], name: str, text: str) -> None:
    assert list(rule(Module(name, text)))


def test_a_door_plate_re_exports_nothing() -> None:
    plate = Module("rtcserver.x", '"""A room."""\nfrom rtcserver.x.y import z', is_package=True)
    assert list(door_plates(plate))
