"""Words that are placed by their letters, against the times that Flite tells of its own."""

import numpy as np
import pytest

from rtcserver.audio.alignment import Alignment
from rtcserver.audio.format import SAMPLE_RATE, Samples, seconds
from rtcserver.audio.resample import Resampler
from rtcserver.errors import ConfigError
from rtcserver.local.engines.base import Speech
from rtcserver.local.engines.flite import Flite
from tests.needed import missing

CLAUSES = (
    "The quick brown fox jumps over the lazy dog.",
    "I have found three restaurants near you, and all of them are open until ten.",
    "My name is Alice.",
    "It will probably rain tomorrow afternoon, so take an umbrella with you.",
    "Well, that is a good question, and I am not sure that there is one answer.",
    "Seven plus four is eleven.",
)
STEP_S = 0.05


def at_24k(speech: Speech) -> Samples:
    resampler = Resampler(speech.rate_hz, SAMPLE_RATE)
    return np.concatenate((resampler.push(speech.samples), resampler.flush()))


def heard(times: list[tuple[float, float]], at_s: float) -> int:
    """Words of which half has sounded."""
    return sum((start + stop) / 2 <= at_s for start, stop in times)


def off_by(engine: Flite, voice: str, clause: str) -> list[int]:
    """Words that the guess is off, at every moment of the clause."""
    speech = engine.speak(clause.split(), voice)
    samples = at_24k(speech)
    alignment = Alignment(clause.split(), begin=0)
    alignment.push(samples)
    guessed = [(start, stop) for _, start, stop in alignment.times()]
    moments = np.arange(0, seconds(len(samples)), STEP_S)
    return [abs(heard(guessed, at) - heard(list(speech.times), at)) for at in moments]


@pytest.mark.parametrize("voice", ["slt", "rms", "kal16"])
def test_what_was_heard_is_hardly_ever_more_than_a_word_off(voice: str) -> None:
    try:
        engine = Flite()
    except ConfigError as exc:
        missing(str(exc))
    off = np.array([n for clause in CLAUSES for n in off_by(engine, voice, clause)])
    assert (off <= 1).mean() >= 0.95
    assert off.max() <= 2
