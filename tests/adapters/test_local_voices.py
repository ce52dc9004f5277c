"""Piper and Kokoro by their own packages, on voices of a few KB that beep their phonemes."""

import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import numpy as np
import pytest

from rtcserver.audio.format import Samples
from rtcserver.config import Settings, Tts
from rtcserver.errors import ConfigError
from rtcserver.local.engines.base import Speech
from rtcserver.local.engines.speaking import make_engine
from rtcserver.local.supervisor import Supervisor
from rtcserver.server.wiring_embedded import reachable
from rtcserver.services.tts.base import SpokenAudio, SpokenWord
from rtcserver.services.tts.kyutai import KyutaiSynthesizer
from tests.adapters.stubs.leaks import until
from tests.tiny_voices import kokoro_model, piper_voice

WORDS = ("Hello", "there,", "my", "friend.", "Good", "morning.")
MODELS: dict[str, Callable[[Path], Path]] = {"piper": piper_voice, "kokoro": kokoro_model}


def between(speech: Speech, start_s: float, stop_s: float) -> Samples:
    return speech.samples[round(start_s * speech.rate_hz) : round(stop_s * speech.rate_hz)]


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def crossings(samples: Samples) -> int:
    return int(np.count_nonzero(np.diff(np.signbit(samples))))


@pytest.mark.parametrize("name", MODELS)
def test_a_word_sounds_at_its_time_and_nothing_does_between_two(name: str, tmp_path: Path) -> None:
    engine, voice = make_engine(name, str(MODELS[name](tmp_path)))
    speech = engine.speak(WORDS, voice)
    edges = [edge for times in speech.times for edge in times]
    assert edges == sorted(edges)
    for start_s, stop_s in speech.times:
        assert loudness(between(speech, start_s, stop_s)) > 3_000
    for silence_s in zip(edges[1:-1:2], edges[2::2], strict=True):
        assert loudness(between(speech, *silence_s)) < 300


@pytest.mark.parametrize("name", MODELS)
def test_nothing_that_sounds_is_no_failure(name: str, tmp_path: Path) -> None:
    engine, voice = make_engine(name, str(MODELS[name](tmp_path)))
    for words in (("…",), ("\n",), ("—", "()")):
        assert len(engine.speak(words, voice).times) == len(words)


def test_the_speakers_of_a_piper_model_are_its_voices(tmp_path: Path) -> None:
    engine, default = make_engine("piper", str(piper_voice(tmp_path, ("zoe", "adam"))))
    assert (engine.voices, default) == (("zoe", "adam"), "zoe")
    low, high = (crossings(engine.speak(WORDS, voice).samples) for voice in engine.voices)
    assert high == pytest.approx(2 * low, rel=0.05)


def test_kokoro_speaks_the_languages_that_it_has_phonemes_for(tmp_path: Path) -> None:
    model = kokoro_model(tmp_path, ("af_heart", "bm_george", "jf_alpha", "zf_xiaobei"))
    engine, default = make_engine("kokoro", str(model))
    assert (engine.voices, default) == (("af_heart", "bm_george"), "af_heart")
    low, high = (crossings(engine.speak(WORDS, voice).samples) for voice in engine.voices)
    assert high > 1.5 * low


@pytest.mark.parametrize(
    ("name", "which", "complaint"),
    [
        ("piper", "/none.onnx", "there is no /none.onnx"),
        ("kokoro", "/none.onnx", "there is no /none.onnx"),
        ("piper", "", "name a file: piper:/folder/voice.onnx"),
        ("kokoro", "", "name a file: kokoro:/folder/model.onnx"),
        ("tones", "slt", "tones has no voice slt; it has beep"),
    ],
)
def test_what_is_not_there_is_named(name: str, which: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        make_engine(name, which)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_that_is_no_model_is_named(name: str, tmp_path: Path) -> None:
    model = MODELS[name](tmp_path)
    model.write_bytes(b"nonsense")
    with pytest.raises(ConfigError, match=f"{model} is not a"):
        make_engine(name, str(model))


def test_a_piper_voice_needs_its_json(tmp_path: Path) -> None:
    model = piper_voice(tmp_path)
    Path(f"{model}.json").unlink()
    with pytest.raises(ConfigError, match="there is no .*json"):
        make_engine("piper", str(model))


def test_a_json_that_holds_nothing_is_named(tmp_path: Path) -> None:
    model = piper_voice(tmp_path)
    Path(f"{model}.json").write_text("")
    with pytest.raises(ConfigError, match=f"{model}.json is not the JSON of a Piper voice"):
        make_engine("piper", str(model))


@pytest.mark.parametrize("name", MODELS)
def test_a_file_is_looked_for_before_the_package(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("piper", "kokoro_onnx"):
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(ConfigError, match="there is no /none.onnx"):
        make_engine(name, "/none.onnx")


def test_a_piper_voice_that_would_fetch_its_phonemes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="another kind: pinyin"):
        make_engine("piper", str(piper_voice(tmp_path, phonemes="pinyin")))


def test_a_mistake_of_ours_is_no_failure_of_kokoro(tmp_path: Path) -> None:
    engine, _ = make_engine("kokoro", str(kokoro_model(tmp_path)))
    with pytest.raises(KeyError):
        engine.speak(WORDS, "jf_alpha")  # none of its voices


def test_kokoro_needs_one_file_of_voices(tmp_path: Path) -> None:
    model = kokoro_model(tmp_path)
    (tmp_path / "voices-2.bin").touch()
    with pytest.raises(ConfigError, match="must lie one .* there are 2"):
        make_engine("kokoro", str(model))


def test_a_model_that_tells_no_lengths_has_its_words_placed_by_their_letters(
    tmp_path: Path,
) -> None:
    engine, voice = make_engine("piper", str(piper_voice(tmp_path, tells_lengths=False)))
    speech = engine.speak(("a", "bookkeeper"), voice)
    (first, second) = speech.times
    assert first[0] == pytest.approx(0.0, abs=0.01)
    assert second[1] == pytest.approx(len(speech.samples) / speech.rate_hz, abs=0.01)
    assert second[1] - second[0] == pytest.approx((first[1] - first[0]) * 11 / 2, rel=0.01)


@pytest.mark.parametrize("name", MODELS)
async def test_its_address_is_all_it_takes(name: str, tmp_path: Path) -> None:
    address = f"{name}:{MODELS[name](tmp_path)}"
    async with Supervisor() as supervisor, aiohttp.ClientSession() as http:
        (reached,) = await reachable("tts", (address,), Settings(), supervisor)
        voice = await KyutaiSynthesizer(http, reached.url, Tts(connect_timeout_s=20)).open(
            "default"
        )
        for word in WORDS:
            await voice.say(word)
        await voice.end()
        events = [event async for event in voice.events()]
        await voice.close()
    assert [event.text for event in events if isinstance(event, SpokenWord)] == list(WORDS)
    assert any(isinstance(event, SpokenAudio) for event in events)


async def test_a_model_that_is_missing_is_told_in_one_line() -> None:
    async with Supervisor() as supervisor:
        await reachable("tts", ("piper:/none.onnx",), Settings(), supervisor)
        await until(lambda: supervisor.state("tts").startswith("failed"))
        assert supervisor.state("tts") == (
            "failed: there is no /none.onnx: Piper needs voice.onnx and voice.onnx.json"
        )
