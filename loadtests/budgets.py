"""Hold a server's own figures against the budgets of its services."""

from collections.abc import Iterator
from dataclasses import dataclass

from loadtests.histogram import Histogram, read_histogram

SHARE = 0.95  # of all observations that must keep the budget: the p95


@dataclass(frozen=True, slots=True)
class Budget:
    """A series of /metrics, and the edge that most of its observations stay below, or above."""

    name: str
    series: str
    edge: float
    above: bool = False

    def verdict(self, seen: Histogram) -> "Verdict":
        """Exact, because the budget is an edge of a bucket."""
        if not seen.total:
            return Verdict(self, 0, float("nan"), kept=False)
        below = seen.at_most(self.edge) / seen.total
        return Verdict(
            budget=self,
            count=int(seen.total),
            p95=seen.quantile(1 - SHARE if self.above else SHARE),
            kept=(1 - below if self.above else below) >= SHARE,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kept` is false without observations: what was not measured is not proven."""

    budget: Budget
    count: int
    p95: float
    """The value 95 % of the observations are better than."""
    kept: bool


BUDGETS = (
    Budget("STT first step", "rtc_stt_first_step_seconds", 0.1),
    Budget("LLM first word", "rtc_llm_first_word_seconds", 0.5),
    Budget("TTS first audio", "rtc_tts_first_audio_seconds", 0.55),
    Budget("TTS realtime factor", "rtc_tts_realtime_factor", 1.0, above=True),
)
"""Principle III of the constitution, measured by the server at its edge to each service."""


def verdicts(before: str, after: str) -> Iterator[Verdict]:
    """From two pages of /metrics."""
    for budget in BUDGETS:
        grown = read_histogram(after, budget.series).since(read_histogram(before, budget.series))
        yield budget.verdict(grown)
