"""The voice detector tells a voice from silence and noise, whatever the size of the chunks."""

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples, silence
from rtcserver.audio.silero import SileroVad


def vowels(seconds: float) -> Samples:
    """A buzz of 130 Hz through a throat that goes from "ah" to "ee", four syllables a second."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch_hz = 130 * (1 + 0.2 * np.sin(2 * np.pi * 1.2 * time))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE
    mouth = 0.5 + 0.5 * np.sin(2 * np.pi * 2 * time)  # 0 is "ah", 1 is "ee"
    sound = np.zeros_like(time)
    for harmonic in range(1, 30):
        for ah_hz, ee_hz in ((700, 300), (1_200, 2_200), (2_600, 3_000)):
            formant_hz = ah_hz + (ee_hz - ah_hz) * mouth
            gain = 1 / (1 + ((pitch_hz * harmonic - formant_hz) / 80) ** 2)
            sound += gain / harmonic**0.5 * np.sin(harmonic * phase)
    sound *= 0.2 + 0.8 * np.sin(np.pi * ((time * 4) % 1)) ** 0.5
    return np.asarray(sound / np.abs(sound).max() * 12_000, dtype=np.int16)


def probabilities(sound: Samples, chunk: int = SAMPLES_PER_FRAME) -> list[float]:
    vad = SileroVad()
    return [p for at in range(0, len(sound), chunk) for p in vad.push(sound[at : at + chunk])]


def test_a_voice_is_found_and_its_end_too() -> None:
    found = probabilities(np.concatenate((silence(24_000), vowels(1.5), silence(24_000))))
    assert max(found[:31]) < 0.1
    assert np.median(found[36:74]) > 0.6
    assert max(found[90:]) < 0.1


def test_a_window_of_32_ms_gives_one_probability() -> None:
    assert len(probabilities(silence(24_000 * 4))) == pytest.approx(4 / 0.032, abs=1)
    assert SileroVad().push(silence(0)) == []


def test_noise_is_no_voice() -> None:
    noise = np.random.default_rng(1).normal(0, 300, 48_000).astype(np.int16)
    assert max(probabilities(noise)) < 0.3


def test_the_size_of_the_chunks_does_not_matter() -> None:
    sound = vowels(1.0)
    small, large = probabilities(sound, 240), probabilities(sound, 9_600)
    assert len(small) == len(large)
    assert np.allclose(small, large, atol=0.05)


def test_callers_do_not_hear_each_other() -> None:
    alone, beside, other = SileroVad(), SileroVad(), SileroVad()
    sound = vowels(0.6)
    for at in range(0, len(sound), SAMPLES_PER_FRAME):
        frame = sound[at : at + SAMPLES_PER_FRAME]
        other.push(frame[::-1].copy())
        assert alone.push(frame) == beside.push(frame)
