"""Write what the bots say: short sentences that a small recogniser gets right."""

from functools import cache

import numpy as np

from loadtests.bot import Utterance
from loadtests.flite import speak
from loadtests.workers import Script
from rtcserver.audio.format import Samples

SENTENCES = (
    "hello there",
    "my name is martin",
    "what is my name",
    "tell me a joke",
    "what time is it",
    "repeat after me the quick brown fox",
)
_VOICE = "rms"  # of the Flite voices the one PocketSphinx understands best
_QUIET = 0.02  # of the loudest sample; below it lie a voice's pauses


def scripts(calls: int, turns: int) -> list[Script]:
    """What each call says. They begin at different sentences, so as not to speak in chorus."""
    return [
        [_utterance(SENTENCES[(call + turn) % len(SENTENCES)]) for turn in range(turns)]
        for call in range(calls)
    ]


@cache
def _utterance(text: str) -> Utterance:
    return Utterance(text, trim(speak(text, _VOICE)))


def trim(samples: Samples) -> Samples:
    """Without the silence at both ends: the figures count from sound to sound."""
    level = np.abs(samples.astype(np.int32))
    loud = np.flatnonzero(level > _QUIET * level.max(initial=0))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]
