"""The doctor: what it finds, what it says, and its exit code."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rtcserver.config import Llm, Server, Settings, Stt, Tts
from rtcserver.server.doctor import calls_itself, examine


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that nobody listens on, held for as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def at(port: int) -> dict[str, Any]:
    """The settings of three services at one port."""
    speech = (f"ws://127.0.0.1:{port}",)
    return {
        "stt": Stt(url=speech),
        "llm": Llm(url=(f"http://127.0.0.1:{port}/v1",)),
        "tts": Tts(url=speech),
    }


@pytest.mark.parametrize(
    ("url", "itself"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://127.0.0.1:8081/v1", False),
        ("https://api.example.com/v1", False),
        ("agent:", False),
    ],
)
def test_a_chat_model_that_is_this_very_server_is_noticed(url: str, itself: bool) -> None:
    assert calls_itself(url, Server(port=8080)) is itself


def test_another_address_of_this_machine_is_this_server_too() -> None:
    assert calls_itself("http://192.0.2.9:8080/v1", Server(host="192.0.2.9"))


async def test_services_that_are_down_are_named_and_fail_the_examination(
    dead_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(server=Server(port=0), **at(dead_port))
    assert await examine(settings, patience_s=0.1) == 1
    verdicts = {line.split()[1]: line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert {name: verdicts[name] for name in ("stt", "llm", "tts")} == dict.fromkeys(
        ("stt", "llm", "tts"), "BAD"
    )
    assert verdicts["python"] == "ok"


async def test_an_open_door_without_a_key_is_bad(
    dead_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(server=Server(host="0.0.0.0", port=0), **at(dead_port))
    await examine(settings, patience_s=0.1)
    assert "BAD   http" in capsys.readouterr().out


async def test_a_port_in_use_may_be_a_running_server(
    dead_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = Settings(server=Server(port=other.getsockname()[1]), **at(dead_port))
        await examine(settings, patience_s=0.1)
    assert "poor  http" in capsys.readouterr().out
