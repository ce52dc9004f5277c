"""The house stays small: files, functions, classes and family trees have limits."""

import ast
from collections.abc import Iterator
from statistics import median

from tests.source import modules

MAX_FILE, MAX_MEDIAN_FILE, MAX_FUNCTION = 300, 120, 40  # lines
MAX_METHODS = 12
MAX_ANCESTORS = 2  # of our own above a class

OURS = modules("rtcserver")
EVERYTHING = [*OURS, *modules("tests"), *modules("loadtests")]


def _nodes(kinds: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[tuple[str, ast.AST]]:
    for module in EVERYTHING:
        for node in ast.walk(module.tree):
            if isinstance(node, kinds):
                yield module.name, node


def test_files_are_one_idea_long() -> None:
    assert [f"{m.name}: {m.lines} lines" for m in EVERYTHING if m.lines > MAX_FILE] == []


def test_most_files_are_short() -> None:
    assert median(m.lines for m in OURS if not m.is_package) < MAX_MEDIAN_FILE


def test_functions_fit_on_a_screen() -> None:
    too_long = [
        f"{name}.{node.name}: {length} lines"
        for name, node in _nodes((ast.FunctionDef, ast.AsyncFunctionDef))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    ]
    assert too_long == []


def test_classes_have_few_methods() -> None:
    crowded = [
        f"{name}.{node.name}: {count} methods"
        for name, node in _nodes(ast.ClassDef)
        if isinstance(node, ast.ClassDef)
        if (count := sum(_is_method(child) for child in node.body)) > MAX_METHODS
    ]
    assert crowded == []


def _is_method(node: ast.stmt) -> bool:
    """Dunder methods are the language's, not ours."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return isinstance(node, functions) and not node.name.startswith("__")


def test_family_trees_are_flat() -> None:
    """Ancestors that only spell out the fields of a record do not count: they do nothing."""
    classes = {
        node.name: node
        for module in OURS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }

    def ancestors(name: str) -> int:
        own = [ast.unparse(base) for base in classes[name].bases]
        return max((1 + ancestors(b) for b in own if b in classes and b != name), default=0)

    deep = [name for name in classes if ancestors(name) > MAX_ANCESTORS]
    assert [n for n in deep if any(_is_method(child) for child in classes[n].body)] == []
