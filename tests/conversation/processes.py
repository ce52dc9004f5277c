"""Look at a tree of processes from outside: who is in it, and what they hold."""

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Process:
    """`module` is what follows `python -m`."""

    pid: int
    module: str


def tree(root: int) -> list[Process]:
    """`root` and all below it, as far as they run."""
    parents = _parents()
    found = [root]
    for pid in found:  # grows while it is read
        found += [child for child, parent in parents.items() if parent == pid]
    return [Process(pid, _module(pid)) for pid in found if pid in parents]


def held(root: int) -> dict[str, int]:
    """How many processes, files, sockets and threads the whole tree has, by its modules."""
    counts: Counter[str] = Counter()
    for process in tree(root):
        with suppress(OSError):  # it has just ended
            counts[f"{process.module}: threads"] += len(os.listdir(f"/proc/{process.pid}/task"))
            for fd in os.listdir(f"/proc/{process.pid}/fd"):
                with suppress(OSError):
                    kind = "sockets" if _target(process.pid, fd).startswith("socket") else "files"
                    counts[f"{process.module}: {kind}"] += 1
            counts[f"{process.module}: processes"] += 1
    return dict(counts)


def alive(pid: int) -> bool:
    return pid in _parents()


def until(condition: Callable[[], bool], limit_s: float, what: str) -> None:
    """Look again and again: the processes are not ours, so nothing can tell us."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s:g} s: {what}"
        time.sleep(_LOOK_EVERY_S)


def _parents() -> dict[int, int]:
    """Pid to parent's pid of every process of this machine that has not ended."""
    parents = {}
    for path in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            # "pid (name) state ppid …"; the name may hold blanks and brackets
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(path.parent.name)] = int(parent)
    return parents


def _module(pid: int) -> str:
    try:
        words = (_PROC / str(pid) / "cmdline").read_text().split("\0")
    except OSError:
        return ""
    return words[words.index("-m") + 1] if "-m" in words else words[0]


def _target(pid: int, fd: str) -> str:
    return os.readlink(f"/proc/{pid}/fd/{fd}")
