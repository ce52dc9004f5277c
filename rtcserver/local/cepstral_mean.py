"""Learn how a caller's microphone and voice colour all that is said: the mean of the cepstrum.

The recogniser subtracts it, so that a dull line sounds like a bright one. Where it is wrong, "s"
becomes "sh" and "two plus" becomes "true plus".
"""

from collections.abc import Sequence

Mean = tuple[float, ...]
"""PocketSphinx's 13 coefficients."""

PRIOR: Mean = (45, 3, 2, 12, -5, 1, -1, -5, -3, -2, 2, 0, 1)
"""Before anything was heard: between Flite's voices and recordings of people."""

_TRUST_FRAMES = 100
"""What was believed before counts as much as so many new frames of 10 ms: after the first second
of a caller half of the mean is theirs, and a cough does not throw it over."""
_THEIR_TRUST_FRAMES = 500  # PocketSphinx's CMN_WIN; a sentence hardly moves it


def learn(believed: Mean, moved: Sequence[float], frames: int) -> Mean:
    """The mean after `frames` of new sound, to which PocketSphinx moved it from `believed`: in
    the same direction, but further."""
    stride = (_THEIR_TRUST_FRAMES + frames) / (_TRUST_FRAMES + frames)
    return tuple(old + (new - old) * stride for old, new in zip(believed, moved, strict=True))
