"""How loud samples are, in decibels below full scale."""

import numpy as np

from rtcserver.audio.format import Samples

FLOOR_DBFS = -127.0  # RFC 6464's level of silence


def dbfs(samples: Samples) -> float:
    """RMS level: 0 for a full-scale square wave, about -3 for a full-scale sine."""
    if not len(samples):
        return FLOOR_DBFS
    power = float(np.mean(np.square(samples, dtype=np.float64))) / 32_768.0**2
    return max(FLOOR_DBFS, 10.0 * float(np.log10(power))) if power > 0 else FLOOR_DBFS
