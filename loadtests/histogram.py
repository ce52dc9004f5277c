"""Read a Prometheus histogram as it grew between two scrapes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True)
class Histogram:
    """`counts[edge]` observations were at most `edge`; the last edge is infinity."""

    counts: dict[float, float]

    @property
    def total(self) -> float:
        return self.counts.get(math.inf, 0.0)

    def at_most(self, edge: float) -> float:
        """How many. Raises KeyError unless `edge` is one of the buckets' edges."""
        return self.counts[edge]

    def quantile(self, share: float) -> float:
        """Linear within its bucket, as PromQL does; NaN without observations.

        Beyond the last finite edge it is infinity: the truth is not known, but it is bad.
        """
        rank, edges = share * self.total, sorted(self.counts)
        if not self.total:
            return math.nan
        for low, high in pairwise((0.0, *edges)):
            below, within = self.counts.get(low, 0.0), self.counts[high]
            if within >= rank and within > below:
                return low + (high - low) * (rank - below) / (within - below)
        return math.inf

    def since(self, earlier: "Histogram") -> "Histogram":
        """Only what was observed after `earlier`."""
        return Histogram({e: n - earlier.counts.get(e, 0.0) for e, n in self.counts.items()})


def read_histogram(exposition: str, name: str) -> Histogram:
    """The series `name` of a /metrics page, all labels added up; empty if it is not there."""
    counts: dict[float, float] = {}
    for edge, count in _buckets(exposition, name):
        counts[edge] = counts.get(edge, 0.0) + count
    return Histogram(counts)


def _buckets(exposition: str, name: str) -> Iterator[tuple[float, float]]:
    for family in text_string_to_metric_families(exposition):
        if family.name == name:
            for sample in family.samples:
                if sample.name == f"{name}_bucket":
                    yield float(sample.labels["le"]), sample.value
