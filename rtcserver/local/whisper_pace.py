"""Find out whether a Whisper model keeps up with speech on this machine."""

from collections.abc import Callable

from rtcserver.errors import ConfigError
from rtcserver.timer import Stopwatch

_TOO_SLOW_S = 3.0  # of a pass: a turn waits no longer for its last words


def pass_s(practise: Callable[[], object], model: str) -> float:
    """Seconds that `practise` takes, which is a pass over a long sentence.

    Raises ConfigError if callers cannot wait for so long."""
    took_s = _measured(practise)
    if _TOO_SLOW_S < took_s < 2 * _TOO_SLOW_S:  # other programs may have been starting beside it
        took_s = _measured(practise)
    if took_s > _TOO_SLOW_S:
        raise ConfigError(
            f"{model} is too slow on this machine: a pass takes {took_s:.1f} s, and callers wait"
            f" {_TOO_SLOW_S:g} s at most; take a smaller model, such as"
            " stt.url = whisper:tiny.en, or stt.url = pocketsphinx:"
        )
    return took_s


def _measured(practise: Callable[[], object]) -> float:
    watch = Stopwatch()
    practise()
    return watch.elapsed()
