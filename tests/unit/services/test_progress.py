import pytest

from rtcserver.services.stt.progress import Progress, Timeline, silence_frames


def test_lag_is_from_sent_to_taken_in() -> None:
    progress = Progress()
    progress.frame_sent(1.0)
    progress.frame_sent(1.08)
    assert progress.step(1.1) == pytest.approx(0.1)
    progress.silence_sent()
    assert progress.step(1.2) == pytest.approx(0.12)
    assert progress.step(1.3) is None
    assert progress.step(1.4) is None


def test_a_flush_is_passed_once_its_silence_was_taken_in() -> None:
    progress = Progress()
    progress.frame_sent(0.0)
    progress.flush(7, silence=2)
    for _ in range(2):
        progress.silence_sent()
        progress.step(0.1)
        assert progress.passed() == []
    assert progress.unanswered() == [7]
    progress.step(0.2)
    assert progress.passed() == [7]
    assert progress.passed() == []
    assert progress.unanswered() == []


def test_a_server_that_steps_without_audio_is_waited_for_all_the_same() -> None:
    progress = Progress()
    for _ in range(10):
        progress.step(0.0)
    progress.flush(1, silence=2)
    progress.step(0.0)
    assert progress.passed() == []
    progress.step(0.0)
    assert progress.passed() == [1]


def test_without_steps_memory_is_bounded() -> None:
    progress = Progress()
    for k in range(100_000):
        progress.frame_sent(float(k))
    assert progress.step(100_000.0) is not None


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


def test_silence_bridges_the_delay_and_one_frame() -> None:
    assert silence_frames(0.5) == 8
    assert silence_frames(0.0) == 1
