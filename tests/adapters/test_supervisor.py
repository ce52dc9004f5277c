"""The supervisor: addresses that outlive crashes, and nothing left behind."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from rtcserver.local.supervisor import Child, Supervisor

STUB = "tests.adapters.stub_child"


def stub(mode: str = "good", name: str = "stub") -> Child:
    return Child(name=name, module=STUB, args=("--mode", mode))


async def get(url: str) -> str:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http,
        http.get(url) as answer,
    ):
        return await answer.text()


async def crash(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        await http.post(f"{url}/crash")


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and awaits its reaping does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def restarts(name: str) -> float:
    return REGISTRY.get_sample_value("rtc_service_restarts_total", {"service": name}) or 0


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds, for 10 s at most."""
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("waited in vain")


async def test_a_child_answers_at_its_address_and_ends_with_the_supervisor() -> None:
    async with Supervisor() as supervisor:
        url = await supervisor.start(stub())
        pid = int(await get(url))
        assert supervisor.pids() == {"stub": pid}
        assert supervisor.state("stub") == "running"
    assert not alive(pid)


async def test_a_crashed_child_is_replaced_behind_the_same_address() -> None:
    before = restarts("stub")
    async with Supervisor() as supervisor:
        url = await supervisor.start(stub())
        first = await get(url)
        with pytest.raises(aiohttp.ClientError):
            await crash(url)
        assert await get(url) != first
        assert restarts("stub") == before + 1


async def test_a_child_that_cannot_work_here_is_not_started_again() -> None:
    before = restarts("stub")
    async with Supervisor() as supervisor:
        url = await supervisor.start(stub("unable"))
        await until(lambda: supervisor.state("stub").startswith("failed"))
        assert supervisor.state("stub") == "failed: no engine here: pip install 'engine'"
        assert supervisor.pids() == {}
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(url)
    assert restarts("stub") == before


async def test_no_child_socket_task_or_descriptor_is_left() -> None:
    async with Supervisor():
        pass  # what asyncio opens once for all children does not count
    descriptors, tasks = set(os.listdir("/proc/self/fd")), asyncio.all_tasks()
    with capture_logs() as logs:
        async with Supervisor() as supervisor:
            for name, mode in (("one", "good"), ("two", "parent"), ("three", "unable")):
                await supervisor.start(stub(mode, name))
            await get(await supervisor.start(stub("good", "four")))
            await until(lambda: supervisor.state("three").startswith("failed"))
            await until(lambda: any("grandchild" in log.get("line", "") for log in logs))
            said = next(log["line"] for log in logs if "grandchild" in log.get("line", ""))
            pids, grandchild = supervisor.pids().values(), int(said.split()[1])
            assert all(map(alive, [*pids, grandchild]))
    assert not any(map(alive, pids))
    await until(lambda: not alive(grandchild))  # killed with its parent, reaped by init
    assert set(os.listdir("/proc/self/fd")) == descriptors
    assert asyncio.all_tasks() == tasks


async def test_a_child_deaf_to_sigterm_is_killed() -> None:
    async with asyncio.timeout(10):
        async with Supervisor() as supervisor:
            pid = int(await get(await supervisor.start(stub("stubborn"))))
        assert not alive(pid)


async def test_an_error_inside_comes_out_as_it_is() -> None:
    async def fail() -> None:
        async with Supervisor() as supervisor:
            await supervisor.start(stub())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()


async def test_leaving_at_once_is_clean() -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    async with Supervisor() as supervisor:
        await supervisor.start(stub())
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_child_ends_when_its_parent_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        child = subprocess.Popen(
            [sys.executable, "-m", STUB, "--fd", str(fd)], stdin=subprocess.PIPE, pass_fds=(fd,)
        )
        assert child.stdin
        child.stdin.close()
        assert child.wait(timeout=10) == 0
