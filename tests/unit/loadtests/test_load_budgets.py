"""From many measurements to a few numbers, and from those to a verdict."""

import math

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Histogram as Series

from loadtests.bot import Call
from loadtests.budgets import Budget, verdicts
from loadtests.figures import summarize
from loadtests.histogram import Histogram, read_histogram
from loadtests.report import Report
from loadtests.turn import Turn

NAMES = {
    "rtc_stt_first_step_seconds": (0.05, 0.1, 0.2),
    "rtc_llm_first_word_seconds": (0.3, 0.5, 1.0),
    "rtc_tts_first_audio_seconds": (0.2, 0.55, 1.0),
    "rtc_tts_realtime_factor": (0.5, 1.0, 2.0),
}


def page(observed: dict[str, list[float]]) -> str:
    """A /metrics page with all four series."""
    registry = CollectorRegistry()
    for name, buckets in NAMES.items():
        series = Series(name, "", buckets=buckets, registry=registry)
        for value in observed.get(name, []):
            series.observe(value)
    return generate_latest(registry).decode()


GOOD = {
    "rtc_stt_first_step_seconds": [0.02] * 10,
    "rtc_llm_first_word_seconds": [0.2] * 10,
    "rtc_tts_first_audio_seconds": [0.4] * 10,
    "rtc_tts_realtime_factor": [8.0] * 10,
}


def kept(before: dict[str, list[float]], after: dict[str, list[float]]) -> list[bool]:
    return [verdict.kept for verdict in verdicts(page(before), page(after))]


def test_mean_median_and_percentiles() -> None:
    summary = summarize(float(n) for n in range(1, 101))
    assert (summary.count, summary.mean, summary.median) == (100, 50.5, 50.5)
    assert (summary.p90, summary.p95) == (90.0, 95.0)


def test_the_p95_of_few_values_is_the_worst_of_them() -> None:
    assert summarize([1.0, 3.0, 2.0]).p95 == 3.0


def test_nothing_measured_is_not_a_number() -> None:
    assert summarize([]).count == 0
    assert math.isnan(summarize([]).p95)


def test_a_quantile_lies_within_its_bucket() -> None:
    seen = Histogram({0.1: 10.0, 0.2: 20.0, math.inf: 20.0})
    assert seen.quantile(0.5) == pytest.approx(0.1)
    assert seen.quantile(0.75) == pytest.approx(0.15)


def test_a_quantile_beyond_the_last_edge_is_infinite() -> None:
    assert Histogram({0.1: 1.0, math.inf: 2.0}).quantile(0.95) == math.inf
    assert math.isnan(Histogram({}).quantile(0.95))


def test_labels_are_added_up() -> None:
    registry = CollectorRegistry()
    series = Series("waits", "", ["service"], buckets=(1.0,), registry=registry)
    series.labels("stt").observe(0.5)
    series.labels("tts").observe(2.0)
    seen = read_histogram(generate_latest(registry).decode(), "waits")
    assert (seen.at_most(1.0), seen.total) == (1.0, 2.0)


def test_budgets_are_kept_by_good_figures() -> None:
    assert kept({}, GOOD) == [True] * 4


def test_only_what_came_after_the_first_scrape_counts() -> None:
    slow = {"rtc_stt_first_step_seconds": [5.0] * 10}
    both = {**GOOD, "rtc_stt_first_step_seconds": [5.0] * 10 + [0.02] * 10}
    assert kept(slow, both) == [True] * 4


@pytest.mark.parametrize(
    ("series", "bad"),
    [
        ("rtc_stt_first_step_seconds", 0.11),
        ("rtc_llm_first_word_seconds", 0.51),
        ("rtc_tts_first_audio_seconds", 0.56),
        ("rtc_tts_realtime_factor", 0.9),
    ],
)
def test_more_than_one_bad_figure_in_twenty_breaks_a_budget(series: str, bad: float) -> None:
    good = GOOD[series]
    one_in_twenty = {**GOOD, series: good + good[:9] + [bad]}
    one_in_ten = {**GOOD, series: good[:9] + [bad]}
    assert kept({}, one_in_twenty) == [True] * 4
    assert [name for name, ok in zip(NAMES, kept({}, one_in_ten), strict=True) if not ok] == [
        series
    ]


def test_what_was_not_measured_is_not_proven() -> None:
    assert kept({}, {}) == [False] * 4


def test_the_p95_of_a_factor_is_its_slow_end() -> None:
    factor = Budget("factor", "rtc_tts_realtime_factor", 1.0, above=True)
    seen = Histogram({1.0: 0.0, 2.0: 10.0, 4.0: 100.0, math.inf: 100.0})
    assert factor.verdict(seen).p95 == pytest.approx(1.5)


def test_a_report_names_what_went_wrong() -> None:
    failed = Call([Turn("hello", said_s=1.0)], problem="the server hung up")
    slow = {**GOOD, "rtc_stt_first_step_seconds": [0.3] * 10}
    report = Report([failed, Call()], list(verdicts(page({}), page(slow))))
    assert report.problems == ["call failed: the server hung up", "budget broken: STT first step"]
    assert "0 of 1 turns answered" in report.as_text()
    assert report.as_json()["figures"]["stt_latency_s"]["mean"] is None
