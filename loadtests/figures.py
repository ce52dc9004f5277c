"""Sum up many measurements in a few numbers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median


@dataclass(frozen=True, slots=True)
class Summary:
    """Of `count` values; all numbers are NaN if there were none."""

    count: int
    mean: float
    median: float
    p90: float
    p95: float


def summarize(values: Iterable[float]) -> Summary:
    ordered = sorted(values)
    if not ordered:
        return Summary(0, math.nan, math.nan, math.nan, math.nan)
    return Summary(
        count=len(ordered),
        mean=fmean(ordered),
        median=median(ordered),
        p90=_nearest_rank(ordered, 0.90),
        p95=_nearest_rank(ordered, 0.95),
    )


def _nearest_rank(ordered: list[float], share: float) -> float:
    """A value that was really measured: never better than the truth for few values."""
    return ordered[math.ceil(share * len(ordered)) - 1]
