"""Where a model is looked for, and what is said if it is not there."""

from pathlib import Path

import pytest

from rtcserver.errors import ConfigError
from rtcserver.local.stt_engines import choose
from rtcserver.local.whisper_model import find_model

FILES = ("model.bin", "config.json", "tokenizer.json")


def whole(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).touch()
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    assert find_model(str(folder)) == folder


def test_a_name_is_looked_for_in_the_cache(cache: Path) -> None:
    folder = whole(cache / "models--Systran--faster-whisper-base.en" / "snapshots" / "abc")
    assert find_model("base.en") == folder


def test_what_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(ConfigError, match="run `/.*/hf download Systran/faster-whisper-base.en`"):
        find_model("base.en")


def test_what_is_not_whole_says_what_it_lacks(tmp_path: Path) -> None:
    (whole(tmp_path / "mine") / "model.bin").unlink()
    with pytest.raises(ConfigError, match=r"lacks model\.bin"):
        find_model(str(tmp_path / "mine"))


def test_auto_takes_whisper_if_it_is_there(tmp_path: Path) -> None:
    folder = str(whole(tmp_path / "mine"))
    assert choose("auto", folder, "").label == f"whisper {folder}"


def test_auto_takes_pocketsphinx_else_and_says_why() -> None:
    pytest.importorskip("pocketsphinx")
    engine = choose("auto", "base.en", "")
    assert engine.label == "pocketsphinx"
    assert engine.why.startswith("Whisper would understand more: run `/")


def test_a_name_that_no_model_has_is_not_to_be_downloaded() -> None:
    with pytest.raises(ConfigError, match=r"called nosuch; there are tiny, .*turbo") as refused:
        find_model("nosuch")
    assert "download" not in str(refused.value)


def test_a_repository_of_somebody_is_taken_at_its_word() -> None:
    with pytest.raises(ConfigError, match="hf download me/my-whisper`"):
        find_model("me/my-whisper")


def test_one_that_is_asked_for_by_name_is_not_replaced() -> None:
    with pytest.raises(ConfigError, match="no Whisper model base.en"):
        choose("whisper", "base.en", "")
