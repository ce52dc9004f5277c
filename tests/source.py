"""Our own source files as syntax trees, for the tests that hold the house rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Module:
    """One file; `name` is dotted ("rtcserver.audio.format", a package by its own name)."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The name after `rtcserver.`; empty for rtcserver/__init__.py."""
        return f"{self.name}.".split(".")[1]

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def imported(self) -> Iterator[str]:
        """Dotted names it imports anywhere: lazily and for type checking too.

        `from a import b` gives "a.b", since b may be a module. Relative imports are spelt out.
        """
        package = self.name if self.is_package else self.name.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                climbed = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*climbed * bool(node.level), *filter(None, [node.module])])
                yield from (f"{base}.{alias.name}" for alias in node.names)


def modules(folder: str) -> list[Module]:
    """Every Python file below `folder` of the repository, in order of name."""
    return [_read(path) for path in sorted((REPOSITORY / folder).rglob("*.py"))]


def _read(path: Path) -> Module:
    parts = list(path.relative_to(REPOSITORY).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), path.read_text(), is_package)
