"""Where a setting may come from, who wins, and what an operator reads after a slip."""

from pathlib import Path
from typing import Any

import pytest

from rtcserver import settings
from rtcserver.backends import spellings
from rtcserver.errors import ConfigError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for key in [*map(settings.variable, settings.all_keys()), settings.FILE_VARIABLE]:
        monkeypatch.delenv(key, raising=False)
    return tmp_path


def complaint(flags: dict[str, str] | None = None, config_file: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        settings.load(flags, config_file)
    return str(caught.value)


def test_nothing_given_means_defaults_without_a_source() -> None:
    loaded = settings.load()
    assert (loaded.settings.server.host, loaded.settings.server.port) == ("127.0.0.1", 8080)
    assert loaded.sources == {}


def test_flag_beats_environment_beats_dotenv_beats_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "rtcserver.toml").write_text(
        "[server]\nport = 1\nmax_calls = 1\n[turn]\nonset_ms = 101\n[tts]\nurl = 'ws://toml'"
    )
    (folder / ".env").write_text(
        "RTCSERVER_SERVER__PORT=2\nRTCSERVER_SERVER__MAX_CALLS=2\nRTCSERVER_TURN__ONSET_MS=102\n"
    )
    monkeypatch.setenv("RTCSERVER_SERVER__PORT", "3")
    monkeypatch.setenv("RTCSERVER_SERVER__MAX_CALLS", "3")
    loaded = settings.load({"server.port": "4"})
    tree = loaded.settings
    assert (tree.server.port, tree.server.max_calls) == (4, 3)
    assert (tree.turn.onset_ms, tree.tts.url) == (102, ("ws://toml",))
    assert loaded.sources == {
        "server.port": "--server.port",
        "server.max_calls": "RTCSERVER_SERVER__MAX_CALLS",
        "turn.onset_ms": "RTCSERVER_TURN__ONSET_MS in .env",
        "tts.url": "rtcserver.toml",
    }


def test_the_file_may_be_named_by_flag_by_variable_or_in_dotenv(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, port in (("a", 1), ("b", 2), ("c", 3)):
        (folder / f"{name}.toml").write_text(f"[server]\nport = {port}")
    (folder / ".env").write_text("RTCSERVER_CONFIG=c.toml")
    assert settings.load().settings.server.port == 3
    monkeypatch.setenv("RTCSERVER_CONFIG", "b.toml")
    assert settings.load().settings.server.port == 2
    assert settings.load(config_file="a.toml").settings.server.port == 1


def test_lists_come_with_commas_or_as_toml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTCSERVER_SERVER__API_KEYS", "one, two")
    (folder / "rtcserver.toml").write_text("[webrtc]\nstun_urls = ['stun:a', 'stun:b']")
    tree = settings.load().settings
    assert [key.get_secret_value() for key in tree.server.api_keys] == ["one", "two"]
    assert tree.webrtc.stun_urls == ("stun:a", "stun:b")


def test_pairs_come_with_commas_or_as_toml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "rtcserver.toml").write_text("[llm.model_map]\n'gpt-realtime-2.1' = 'big'")
    assert settings.load().settings.llm.model_map == {"gpt-realtime-2.1": "big"}
    monkeypatch.setenv("RTCSERVER_LLM__MODEL_MAP", "a=one, b = two")
    assert settings.load().settings.llm.model_map == {"a": "one", "b": "two"}
    monkeypatch.setenv("RTCSERVER_LLM__MODEL_MAP", "a")
    with pytest.raises(ConfigError, match="must be name=model"):
        settings.load()


def test_keys_of_other_programs_in_dotenv_are_ignored(folder: Path) -> None:
    (folder / ".env").write_text("DEEPGRAM_API_KEY=x\nPORT=1\nTURN__THRESHOLD=0.9")
    assert settings.load().sources == {}


def test_settings_cannot_be_changed() -> None:
    tree: Any = settings.load().settings
    with pytest.raises(ValueError, match="frozen"):
        tree.server.port = 1


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        (
            "RTCSERVER_TURN__THRESHOLD",
            "7",
            "turn.threshold = 7 (from RTCSERVER_TURN__THRESHOLD): must be <= 1",
        ),
        (
            "RTCSERVER_SERVER__PORT",
            "http",
            "server.port = http (from RTCSERVER_SERVER__PORT): must be a valid integer",
        ),
        (
            "RTCSERVER_LOG__FORMAT",
            "xml",
            "log.format = xml (from RTCSERVER_LOG__FORMAT): must be 'console' or 'json'",
        ),
        (
            "RTCSERVER_STT__URL",
            "host:8080",
            "stt.url = host:8080 (from RTCSERVER_STT__URL):"
            f" must be addresses that begin with {', '.join(spellings('stt'))}",
        ),
        *(
            (
                "RTCSERVER_TTS__URL",
                address,
                f"tts.url = {address} (from RTCSERVER_TTS__URL): must be an address with a host,"
                " and a port if any, such as ws://host:8089",
            )
            for address in ("ws://host:abc", "ws://host:99999", "wss://", "ws://ho st:8080")
        ),
        (
            "RTCSERVER_LLM__URL",
            "ws://host/v1",
            "llm.url = ws://host/v1 (from RTCSERVER_LLM__URL):"
            " must be addresses that begin with http://, https://, agent:",
        ),
        (
            "RTCSERVER_SERVER__SHUTDOWN_S",
            "inf",
            "server.shutdown_s = inf (from RTCSERVER_SERVER__SHUTDOWN_S): must be a finite number",
        ),
        (
            "RTCSERVER_TURN__TRESHOLD",
            "1",
            "unknown variable RTCSERVER_TURN__TRESHOLD; did you mean RTCSERVER_TURN__THRESHOLD?",
        ),
        (
            "RTCSERVER_PROT",
            "1",
            "unknown variable RTCSERVER_PROT; did you mean RTCSERVER_SERVER__PORT?",
        ),
        ("RTCSERVER_CONFIG", "none.toml", "no such configuration file: none.toml"),
    ],
)
def test_a_slip_in_the_environment_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, line: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert complaint() == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[server]\nhots = 'a'",
            "unknown setting server.hots (from rtcserver.toml); did you mean server.host?",
        ),
        ("port = 1", "rtcserver.toml: port must stand below a [section]"),
        (
            "[server",
            "rtcserver.toml: Expected ']' at the end of a table declaration (at end of document)",
        ),
    ],
)
def test_a_slip_in_the_file_is_one_clear_line(folder: Path, text: str, line: str) -> None:
    (folder / "rtcserver.toml").write_text(text)
    assert complaint() == line


def test_an_unknown_variable_in_dotenv_is_refused_too(folder: Path) -> None:
    (folder / ".env").write_text("RTCSERVER_LLM__ULR=http://x/v1")
    assert complaint().startswith("unknown variable in .env RTCSERVER_LLM__ULR; did you mean")


def test_a_file_asked_for_must_exist() -> None:
    assert complaint(config_file="mine.toml") == "no such configuration file: mine.toml"


def test_every_slip_is_told_at_once() -> None:
    flags = {"server.port": "-1", "turn.threshold": "high"}
    assert complaint(flags).splitlines() == [
        "server.port = -1 (from --server.port): must be >= 0",
        "turn.threshold = high (from --turn.threshold): must be a valid number",
    ]


def test_a_secret_is_never_told(folder: Path) -> None:
    (folder / "rtcserver.toml").write_text("[llm]\napi_key = 12345")
    assert "12345" not in complaint()
    assert complaint() == "llm.api_key = **** (from rtcserver.toml): must be a valid string"


def test_which_settings_are_secret() -> None:
    assert [key for key in settings.all_keys() if settings.is_secret(key)] == [
        "server.api_keys",
        "server.token_secret",
        "stt.api_key",
        "llm.api_key",
        "tts.api_key",
        "tools.mcp_tokens",
    ]
