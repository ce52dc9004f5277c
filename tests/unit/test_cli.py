"""The command line: what it prints, where, and the exit code."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rtcserver import __version__, cli, settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for key in [*map(settings.variable, settings.all_keys()), settings.FILE_VARIABLE]:
        monkeypatch.delenv(key, raising=False)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[object, str, str]:
    """Exit code, stdout, stderr."""
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    return (caught.value.code, *capsys.readouterr())


@pytest.mark.parametrize("spelling", ["version", "--version"])
def test_version(capsys: pytest.CaptureFixture[str], spelling: str) -> None:
    assert run(capsys, spelling) == (0, f"rtcserver {__version__}\n", "")


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(command in out for command in cli.COMMANDS)


def test_help_of_serve_explains_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "serve", "--help")
    assert [key for key in settings.all_keys() if f"--{key} " not in out] == []


def test_a_wrong_setting_is_one_line_on_stderr_and_exit_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(capsys, "serve", "--turn.threshold", "7") == (
        2,
        "",
        "rtcserver: turn.threshold = 7 (from --turn.threshold): must be <= 1\n",
    )


@pytest.mark.parametrize(
    ("flag", "wanted"),
    [("--prot=1", "--port"), ("--turn.treshold", "--turn.threshold"), ("--hots", "--host")],
)
def test_a_mistyped_flag_is_guessed(
    capsys: pytest.CaptureFixture[str], flag: str, wanted: str
) -> None:
    line = f"rtcserver: unknown option {flag}; did you mean {wanted}?\n"
    assert run(capsys, "serve", flag) == (2, "", line)


def test_config_prints_each_value_with_its_source(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "mine.toml").write_text("[turn]\nonset_ms = 64")
    _, out, _ = run(capsys, "config", "--config", "mine.toml", "--port", "9000")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "onset_ms = 64 # mine.toml" in lines
    assert "port = 9000 # --server.port" in lines
    assert 'host = "127.0.0.1" # default' in lines


def test_config_prints_a_file_that_can_be_read_again(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    _, out, _ = run(capsys, "config", "--session.instructions", 'Say "hi" – ü')
    assert tomllib.loads(out)["session"]["instructions"] == 'Say "hi" – ü'
    (folder / "rtcserver.toml").write_text(out)
    again = settings.load()
    assert again.settings.session.instructions == 'Say "hi" – ü'
    assert "stt.api_key" not in again.sources  # a mask must not become the key


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["auto"], 'tls = "auto"'),
        (["c.pem", "k.pem"], 'tls_key = "k.pem"'),
    ],
)
def test_tls_is_one_word_or_two(
    capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    code, out, _ = run(capsys, "config", "--tls", *words)
    assert code == 0
    assert line in out


@pytest.mark.parametrize("words", [["yes"], ["a", "b", "c"]])
def test_tls_is_nothing_else(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, _, err = run(capsys, "serve", "--tls", *words)
    assert code == 2
    assert err == f"rtcserver: --tls {' '.join(words)}: must be auto, or the files CERT KEY\n"


def test_config_masks_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTCSERVER_LLM__API_KEY", "sk-hidden")
    monkeypatch.setenv("RTCSERVER_SERVER__API_KEYS", "first-hidden,second-hidden")
    _, out, _ = run(capsys, "config")
    assert "hidden" not in out
    assert "RTCSERVER_LLM__API_KEY" in out


def test_help_needs_none_of_the_heavy_libraries() -> None:
    script = (
        "import sys; from rtcserver import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert not {"aiohttp", "aiortc", "av", "numpy", "pydantic"} & set(done.stderr.split())


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rtcserver", "version"], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (0, f"rtcserver {__version__}\n")
