"""A caller's mean is learned in a second, and kept from then on."""

import pytest

from rtcserver.local.cepstral_mean import learn


def moved(believed: float, sound: float, frames: int) -> float:
    """As PocketSphinx does, which counts what it believed as 500 frames."""
    return (500 * believed + frames * sound) / (500 + frames)


def test_after_a_second_half_of_the_mean_is_the_callers() -> None:
    learned = learn((40.0, 3.0), (moved(40, 60, 100), moved(3, -5, 100)), frames=100)
    assert learned == pytest.approx((50, -1))


def test_a_short_sound_moves_it_little() -> None:
    assert learn((40.0,), (moved(40, 60, 10),), frames=10) == pytest.approx((40 + 20 * 10 / 110,))


def test_silence_moves_nothing() -> None:
    assert learn((40.0, 3.0), (40.0, 3.0), frames=0) == (40, 3)


def test_it_settles_on_the_caller() -> None:
    mean: tuple[float, ...] = (40.0,)
    for _ in range(10):
        mean = learn(mean, (moved(mean[0], 60, 100),), frames=100)
    assert mean == pytest.approx((60,), abs=0.1)
