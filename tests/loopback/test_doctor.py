"""The doctor: what it finds, what it says, and its exit code."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rtcserver.config import Llm, Server, Settings, Stt, Tts
from rtcserver.server.doctor import calls_itself, examine
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub
from tests.adapters.stubs.openai_chat import OpenAiChatStub


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


async def test_an_engine_that_never_will_work_is_told_at_once_by_its_setting(
    dead_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    services = at(dead_port) | {"tts": Tts(url=("flite:nosuch",))}
    assert await examine(Settings(server=Server(port=0), **services), patience_s=5.0) == 1
    assert "tts.url = flite:nosuch: flite has no voice nosuch" in capsys.readouterr().out


async def test_one_instance_that_is_down_beside_another_is_named(
    dead_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = f"ws://127.0.0.1:{dead_port}"
    settings = Settings(server=Server(port=0), tts=Tts(url=(dead, "tones:")))
    assert await examine(settings) == 0
    assert f"poor  tts              {dead} is down: " in capsys.readouterr().out


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


def verdicts(lines: str) -> list[tuple[str, str]]:
    return [(line[6:22].strip(), line[:5].strip()) for line in lines.splitlines()]


async def test_what_is_built_in_speaks_and_is_understood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await examine(Settings(server=Server(port=0))) == 0
    *_, thought, spoke, heard, compared = verdicts(capsys.readouterr().out)
    assert (thought, spoke) == (("llm", "ok"), ("tts", "ok"))
    assert (heard, compared) == (("stt", "ok"), ("round trip", "ok"))


async def test_a_model_that_fails_does_not_keep_the_voice_from_being_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tts = KyutaiTtsStub()
    stt = KyutaiSttStub([("Hello", 5), ("there", 9), ("please", 12)])
    chat = OpenAiChatStub(status=500, error={"error": {"message": "out of memory"}})
    async with stt.running() as ears, chat.running() as model, tts.running() as voice:
        settings = Settings(
            server=Server(port=0),
            stt=Stt(url=(ears,)),
            llm=Llm(url=(model,)),
            tts=Tts(url=(voice,)),
        )
        assert await examine(settings) == 1
    out = capsys.readouterr().out
    assert verdicts(out)[-4:] == [
        ("llm", "BAD"),
        ("tts", "ok"),
        ("stt", "ok"),
        ("round trip", "poor"),
    ]
    assert "out of memory" in out
    assert "67% of 9 words wrong: “hello there please”" in out
    assert (stt.taken, tts.taken) == (0, 0)
