import numpy as np
import pytest

from rtcserver.audio.format import Samples
from rtcserver.audio.pacing import Due, Ear, Ended, Playout, Started


def ramp(start: int, n: int) -> Samples:
    return np.arange(start, start + n, dtype=np.int16)


def pulled(due: Due) -> list[int]:
    assert due.samples is not None
    return [int(sample) for sample in due.samples]


def test_playout_hands_out_exactly_what_a_beat_asks_for() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 5))
    playout.push("r1", ramp(6, 3))
    assert pulled(playout.pull(4)) == [1, 2, 3, 4]
    assert pulled(playout.pull(4)) == [5, 6, 7, 8]
    assert playout.pull(4).samples is None


def test_playout_waits_for_a_full_beat_while_the_response_goes_on() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 3))
    assert playout.pull(4) == Due(None)
    playout.push("r1", ramp(4, 1))
    assert pulled(playout.pull(4)) == [1, 2, 3, 4]


def test_playout_fills_the_last_beat_with_silence_and_counts_only_real_samples() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 3))
    playout.finish()
    assert pulled(playout.pull(4)) == [1, 2, 3, 0]
    assert playout.played == 3


def test_playout_marks_the_first_and_the_last_sample_of_a_response() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 6))
    playout.finish()
    assert playout.pull(2).marks == (Started("r1"),)
    assert playout.pull(2).marks == ()
    assert playout.pull(2).marks == (Ended("r1"),)


def test_playout_ends_a_response_that_is_finished_after_its_last_sample_was_pulled() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 2))
    assert playout.pull(2).marks == (Started("r1"),)
    assert playout.pull(2).marks == ()
    playout.finish()
    assert playout.pull(2) == Due(None, (Ended("r1"),))
    assert playout.pull(2) == Due(None)


def test_playout_never_mixes_two_responses_in_one_beat() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 3))
    playout.push("r2", ramp(101, 2))
    playout.finish()
    assert pulled(playout.pull(2)) == [1, 2]
    last = playout.pull(2)
    assert (pulled(last), last.marks) == ([3, 0], (Ended("r1"),))
    assert playout.played == 0
    first = playout.pull(2)
    assert (pulled(first), first.marks) == ([101, 102], (Started("r2"), Ended("r2")))
    assert playout.played == 2


def test_playout_resumes_from_the_same_sample() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 4))
    playout.pull(2)
    playout.pause()
    playout.pause()
    assert playout.pull(2) == Due(None)
    assert playout.queued == 2
    playout.resume()
    assert pulled(playout.pull(2)) == [3, 4]


def test_playout_clear_forgets_the_rest_but_remembers_what_was_played() -> None:
    playout = Playout()
    playout.push("r1", ramp(1, 6))
    playout.pull(2)
    playout.pause()
    assert playout.clear() == 4
    assert (playout.played, playout.queued) == (2, 0)
    playout.finish()
    assert playout.pull(2) == Due(None)
    playout.push("r2", ramp(1, 2))
    assert playout.played == 0
    assert pulled(playout.pull(2)) == [1, 2]


@pytest.mark.parametrize("chunk", [1, 7, 480, 1_920, 5_000])
def test_playout_loses_and_repeats_nothing_for_any_chunk_size(chunk: int) -> None:
    playout, said, heard = Playout(), ramp(0, 12_345), []
    for start in range(0, len(said), chunk):
        playout.push("r1", said[start : start + chunk])
        if (due := playout.pull(480)).samples is not None:
            heard.append(due.samples)
    playout.finish()
    while (due := playout.pull(480)).samples is not None:
        heard.append(due.samples)
    assert np.array_equal(np.concatenate(heard)[: len(said)], said)
    assert playout.played == len(said)


def test_ear_plays_in_real_time_what_was_sent_ahead() -> None:
    ear = Ear()
    ear.push("r1", 4_800, now=10.0)
    assert ear.lead(10.0) == pytest.approx(0.2)
    assert ear.played(10.05) == 1_200
    assert ear.played(11.0) == 4_800
    assert ear.lead(11.0) == 0


def test_ear_starts_anew_where_it_had_run_dry() -> None:
    ear = Ear()
    ear.push("r1", 2_400, now=0.0)
    ear.push("r1", 2_400, now=1.0)
    assert ear.played(1.05) == 3_600
    assert ear.lead(1.05) == pytest.approx(0.05)


def test_ear_does_not_drift_over_an_hour_of_odd_chunks() -> None:
    ear, now = Ear(), 1_234.567
    ear.push("r1", 7_200, now)
    for _ in range(45_000):
        now += 1_921 / 24_000
        ear.push("r1", 1_921, now)
    assert ear.lead(now) == pytest.approx(0.3, abs=1 / 24_000)


def test_ear_keeps_its_place_when_cleared() -> None:
    ear = Ear()
    ear.push("r1", 7_200, now=0.0)
    ear.clear(0.1)
    assert (ear.played(9.0), ear.lead(9.0)) == (2_400, 0)
    ear.push("r2", 2_400, now=9.0)
    assert ear.played(9.05) == 1_200


def test_ear_hears_a_second_response_only_after_the_first() -> None:
    ear = Ear()
    ear.push("r1", 4_800, now=0.0)
    ear.push("r2", 2_400, now=0.1)
    assert ear.played(0.15) == 0
    assert ear.played(0.25) == 1_200
    assert ear.lead(0.1) == pytest.approx(0.2)
