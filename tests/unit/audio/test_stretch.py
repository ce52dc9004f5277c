"""Another pace, the same pitch."""

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLE_RATE, Samples, silence
from rtcserver.audio.stretch import Stretcher

SPEEDS = [0.25, 0.5, 0.8, 1.1, 1.5]


def tone(seconds: float, hz: float = 440.0) -> Samples:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (8_000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def stretched(samples: Samples, speed: float, chunk: int = 1_920) -> Samples:
    stretcher = Stretcher(speed)
    parts = [stretcher.push(samples[at : at + chunk]) for at in range(0, len(samples), chunk)]
    return np.concatenate([*parts, stretcher.flush()])


def loudest_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax()) * SAMPLE_RATE / len(samples)


@pytest.mark.parametrize("speed", SPEEDS)
def test_two_seconds_last_two_seconds_over_speed(speed: float) -> None:
    assert len(stretched(tone(2.0), speed)) / SAMPLE_RATE == pytest.approx(2.0 / speed, abs=0.06)


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_pitch_stays(speed: float) -> None:
    assert loudest_hz(stretched(tone(2.0), speed)) == pytest.approx(440, rel=0.02)


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_sound_is_found_where_its_time_over_speed_is(speed: float) -> None:
    """What was heard is reckoned from word times that are divided by the speed."""
    sound = np.concatenate([silence(24_000), tone(0.3), silence(24_000)])
    loud = np.flatnonzero(np.abs(stretched(sound, speed)) > 2_000) / SAMPLE_RATE
    assert loud[0] == pytest.approx(1.0 / speed, abs=0.04 / speed)
    assert loud[-1] == pytest.approx(1.3 / speed, abs=0.04 / speed)


def test_odd_sized_chunks_make_no_difference() -> None:
    assert np.array_equal(stretched(tone(1.0), 1.5, 777), stretched(tone(1.0), 1.5, 24_000))


def test_what_is_kept_back_is_little() -> None:
    stretcher = Stretcher(1.5)
    out = len(stretcher.push(tone(1.0)))
    assert 1.0 / 1.5 - out / SAMPLE_RATE < 0.1
