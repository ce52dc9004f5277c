"""Which models are too slow for a machine, by the time of a pass."""

import pytest

from rtcserver import timer
from rtcserver.errors import ConfigError
from rtcserver.local.whisper_pace import pass_s


class Model:
    def __init__(self, *passes_s: float) -> None:
        self.now, self.left = 0.0, list(passes_s)

    def practise(self) -> None:
        self.now += self.left.pop(0)


def measured(model: Model) -> float:
    with timer.using(lambda: model.now):
        return pass_s(model.practise, "/models/large-v3")


def test_a_model_in_time_is_tried_once() -> None:
    assert measured(Model(2.5)) == 2.5


def test_one_that_is_too_slow_is_refused_with_what_to_do() -> None:
    told = r"large-v3 is too slow on this machine: a pass takes 12.0 s.*a smaller model"
    with pytest.raises(ConfigError, match=told):
        measured(Model(12.0))


def test_one_that_was_only_disturbed_is_taken() -> None:
    assert measured(Model(4.0, 1.5)) == 1.5


def test_one_that_is_a_little_too_slow_is_refused_after_a_second_try() -> None:
    with pytest.raises(ConfigError, match=r"a pass takes 3.5 s"):
        measured(Model(4.0, 3.5))
