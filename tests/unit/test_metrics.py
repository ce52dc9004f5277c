"""The series: named by Prometheus' rules, with buckets that let a broken budget be read."""

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY, Metric

import rtcserver.metrics  # noqa: F401  (declares them)

BUDGETS_S = {
    "rtc_stt_first_step_seconds": 0.1,
    "rtc_llm_first_word_seconds": 0.5,
    "rtc_tts_first_audio_seconds": 0.55,
}


def ours() -> Iterator[Metric]:
    return (metric for metric in REGISTRY.collect() if metric.name.startswith("rtc_"))


def test_there_are_series_and_each_is_explained() -> None:
    series = list(ours())
    assert len(series) > 20
    assert [metric.name for metric in series if len(metric.documentation) < 8] == []


def test_times_are_in_seconds() -> None:
    histograms = [metric.name for metric in ours() if metric.type == "histogram"]
    assert [name for name in histograms if not name.endswith(("_seconds", "_factor"))] == []


@pytest.mark.parametrize(("name", "budget"), BUDGETS_S.items())
def test_a_budget_is_an_edge_with_room_beyond(name: str, budget: float) -> None:
    (metric,) = (metric for metric in ours() if metric.name == name)
    edges = [float(s.labels["le"]) for s in metric.samples if s.name.endswith("_bucket")]
    assert budget in edges
    assert len([edge for edge in edges if budget < edge < float("inf")]) >= 3
