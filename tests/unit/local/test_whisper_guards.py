"""What a Whisper model makes up, told from what it has heard."""

import numpy as np
import pytest

from rtcserver.local.whisper_guards import Hypothesis, sound_s, too_short, why_made_up


def found(
    text: str, sureness: float = -0.2, no_speech: float = 0.0, endless: bool = False
) -> Hypothesis:
    return Hypothesis(text, (), sureness, no_speech, endless)


@pytest.mark.parametrize(
    ("hypothesis", "sound", "why"),
    [
        (found("what is two plus three"), 1.5, None),
        (found("hello", sureness=-1.5, no_speech=0.7), 1.0, "no speech"),
        (found("hello", sureness=-0.3, no_speech=0.7), 1.0, None),
        (found("hello", sureness=-1.5), 1.0, None),
        (found("on and off on and", endless=True), 0.5, "does not end"),
        (found("the end of the end of " * 20), 3.0, "repeats itself"),
        (found("Thank you."), 0.3, "ends a film"),
        (found("Thanks for watching!", no_speech=0.4), 2.0, "ends a film"),
        (found("Thank you."), 0.8, None),
    ],
)
def test_what_is_made_up(hypothesis: Hypothesis, sound: float, why: str | None) -> None:
    assert why_made_up(hypothesis, sound) == why


def test_only_what_is_loud_counts_as_sound() -> None:
    loud = (8_000 * np.sin(np.arange(8_000))).astype(np.int16)  # 0.5 s
    assert sound_s(np.concatenate((np.zeros(8_000, np.int16), loud))) == 0.5
    assert too_short(sound_s(np.zeros(16_000, np.int16)))
    assert too_short(sound_s(loud[:960]))
