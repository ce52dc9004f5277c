"""A whole server in a process of its own, as its user starts it."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.contract.recording import new_file
from tests.conversation.processes import alive, held, tree, until

_LISTENING = re.compile(r"listening on (http://[\w.:]+)")
_START_S = 60.0  # a cold machine loads models first
_STOP_S = 15.0
_READY_S = 30.0
_ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class RealServer:
    url: str
    pid: int
    log: Path

    def pids(self, module: str) -> list[int]:
        """Of the children that run `module`."""
        return [process.pid for process in tree(self.pid) if process.module == module]

    def held(self) -> dict[str, int]:
        return held(self.pid)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of all samples of `name` with these labels."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=_ANSWER_S) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=_ANSWER_S) as answer:
                return b'"status":"up","services"' in answer.read()
        except OSError:
            return False


@contextmanager
def real_server(folder: Path) -> Iterator[RealServer]:
    """Run it with the defaults, in the empty `folder`, where no setting of ours can reach it.
    It must end at SIGTERM, with all that it started."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    log = folder / "server.log"
    command = [sys.executable, "-m", "rtcserver", "serve", "--port", "0"]
    command += ["--log.events_file", str(new_file())]
    with (
        log.open("wb") as lines,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=lines, stderr=lines
        ) as process,
    ):
        try:
            server = RealServer(_url(process, log), process.pid, log)
            until(server.healthy, _READY_S, "all services up")
            yield server
            _stop(process)
        finally:
            process.kill()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    def listening() -> bool:
        assert process.poll() is None, log.read_text()
        return _LISTENING.search(log.read_text()) is not None

    until(listening, _START_S, "listening")
    found = _LISTENING.search(log.read_text())
    assert found
    return found[1]


def _stop(process: subprocess.Popen[bytes]) -> None:
    family = tree(process.pid)
    process.terminate()
    assert process.wait(_STOP_S) == 0
    left = [member for member in family if alive(member.pid)]
    assert left == []
