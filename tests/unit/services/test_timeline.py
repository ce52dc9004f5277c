import pytest

from rtcserver.services.stt.timeline import Timeline


def test_times_are_the_callers_whatever_was_put_in_or_dropped() -> None:
    timeline = Timeline()
    timeline.note(theirs=0, ours=0)
    timeline.note(theirs=1, ours=1)
    timeline.note(theirs=10, ours=2)  # 8 frames of silence in between
    timeline.note(theirs=11, ours=8)  # 5 frames dropped
    assert timeline.caller_s(0.08) == pytest.approx(0.08)
    assert timeline.caller_s(0.80) == pytest.approx(0.16)
    assert timeline.caller_s(0.92) == pytest.approx(0.68)
    timeline.restart()
    assert timeline.caller_s(0.5) == 0.5
    timeline.note(theirs=0, ours=100)
    assert timeline.caller_s(0.16) == pytest.approx(8.16)
