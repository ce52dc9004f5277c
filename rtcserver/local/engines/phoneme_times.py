"""From when the phonemes of a clause sound to when its words do."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rtcserver.audio.alignment import Alignment
from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.local.engines.base import Times, spread

Phoneme = tuple[str, float, float]
"""Its letters, start and stop in seconds; a space stands between words."""

_MARKS = frozenset(".,:;!?…—-\"'()“”¡¿«»")


def word_times(
    words: Sequence[str], phonemes: Iterable[Phoneme], samples: Samples, rate_hz: int
) -> Times:
    """Each word's own time where the phonemes are as many words as were written. Else, as with
    "$12.50" which is spoken as five, a guess by their letters."""
    spans = tuple(_spans(phonemes))
    if len(spans) == len(words):
        return spans
    guess = Alignment(words, begin=0)
    guess.push(samples)
    stretch = SAMPLE_RATE / rate_hz  # it counts samples as if they were 24 kHz
    times = tuple((start * stretch, stop * stretch) for _, start, stop in guess.times())
    return times or spread(words, 0.0, 0.0)


def _spans(phonemes: Iterable[Phoneme]) -> Iterator[tuple[float, float]]:
    """Start and stop of each run of phonemes between spaces, if any of it is more than a mark."""
    for is_space, run in groupby(phonemes, lambda phoneme: not phoneme[0].strip()):
        sounds = [] if is_space else [one for one in run if one[0] not in _MARKS]
        if sounds:
            yield sounds[0][1], sounds[-1][2]
