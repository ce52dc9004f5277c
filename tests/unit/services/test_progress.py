import pytest

from rtcserver.services.stt.progress import Progress, Taken


def test_lag_is_from_sent_to_taken_in() -> None:
    progress = Progress()
    progress.frame_sent(1.0)
    progress.frame_sent(1.08)
    assert progress.step(1.1) == Taken(pytest.approx(0.1), ours=False)  # type: ignore[arg-type]
    progress.frame_sent(1.1, ours=True)
    assert progress.step(1.2) == Taken(pytest.approx(0.12), ours=False)  # type: ignore[arg-type]
    assert progress.step(1.3) == Taken(None, ours=True)
    assert progress.step(1.4) == Taken(None, ours=False)


def test_a_flush_is_over_once_its_silence_was_taken_in() -> None:
    progress = Progress()
    progress.frame_sent(0.0)
    progress.flush(7, silence=2, by_marker=False)
    for _ in range(2):
        progress.step(0.1)
        assert progress.passed() == []
    assert progress.unanswered() == [7]
    progress.step(0.2)
    assert progress.passed() == [7]
    assert progress.passed() == []
    assert progress.unanswered() == []


def test_a_marker_that_comes_before_the_silence_was_taken_in_is_early() -> None:
    progress = Progress()
    progress.frame_sent(0.0)
    progress.step(0.1)
    progress.flush(1, silence=2, by_marker=True)
    progress.step(0.2)
    progress.echoed(1)
    assert progress.passed() == []
    progress.step(0.3)
    assert progress.passed() == [1]


def test_steps_alone_do_not_end_a_flush_by_marker() -> None:
    progress = Progress()
    progress.flush(1, silence=1, by_marker=True)
    progress.flush(2, silence=1, by_marker=True)
    for _ in range(10):
        progress.step(0.1)
    assert progress.passed() == []
    progress.echoed(3)
    assert progress.passed() == []
    progress.echoed(2)
    assert progress.passed() == [1, 2]


def test_a_model_without_steps_is_believed_its_marker() -> None:
    progress = Progress()
    progress.frame_sent(0.0)
    progress.flush(1, silence=8, by_marker=True)
    progress.echoed(1)
    assert progress.passed() == [1]


def test_no_step_for_a_second_means_none_at_all() -> None:
    progress = Progress()
    assert not progress.stepless(5.0)
    progress.frame_sent(5.0)
    assert not progress.stepless(5.9)
    assert progress.stepless(6.0)
    progress.step(6.1)
    assert not progress.stepless(7.0)


def test_a_server_that_steps_without_audio_is_waited_for_all_the_same() -> None:
    progress = Progress()
    for _ in range(10):
        progress.step(0.0)
    progress.flush(1, silence=2, by_marker=False)
    progress.step(0.0)
    assert progress.passed() == []
    progress.step(0.0)
    assert progress.passed() == [1]


def test_backlog_is_what_the_server_says_or_what_we_see_of_it() -> None:
    progress = Progress()
    progress.frame_sent(1.0)
    assert progress.backlog_s(9.0) == 0.0, "no Steps tell"
    progress.step(1.1, buffered=24_000)
    assert progress.backlog_s(9.0) == 1.0
    progress.frame_sent(1.2)
    progress.frame_sent(1.3)
    progress.step(1.4, buffered=0)
    assert progress.backlog_s(2.3) == pytest.approx(1.0)


def test_who_says_nothing_since_a_flush_owes_its_answer() -> None:
    progress = Progress()
    progress.flush(1, silence=1, by_marker=True)
    assert progress.owes_since(1)
    assert not progress.owes_since(2)
    progress.messages += 1
    assert not progress.owes_since(1)
    progress.flush(2, silence=1, by_marker=False)
    assert not progress.owes_since(2), "may be a model without Steps"
    progress.step(0.1)
    assert progress.owes_since(2)


def test_without_steps_memory_is_bounded() -> None:
    progress = Progress()
    for k in range(100_000):
        progress.frame_sent(float(k))
    assert progress.step(100_000.0).lag_s is not None
