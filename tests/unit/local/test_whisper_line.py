"""The order and the batches in which clips are heard."""

from rtcserver.local.whisper_line import ON_GPU, Line, Policy


def test_on_a_cpu_each_clip_has_a_lane_of_its_own() -> None:
    line = Line[str](Policy(lanes=2))
    for clip in ("a", "b", "c"):
        line.put(clip, 0.0, final=True)
    assert [line.take(0.0), line.take(0.0), line.take(0.0)] == [["a"], ["b"], []]
    line.done()
    assert line.take(0.1) == ["c"]


def test_last_passes_go_before_guesses() -> None:
    line = Line[str](Policy(lanes=1))
    line.put("guess", 0.0, final=False)
    line.put("final", 0.1, final=True)
    assert line.take(0.1) == ["final"]
    line.done()
    assert line.take(0.2) == ["guess"]


def test_a_guess_is_only_made_where_nobody_waits() -> None:
    line = Line[str](Policy(lanes=1))
    assert line.has_room
    line.put("final", 0.0, final=True)
    assert not line.has_room


def test_on_a_gpu_a_batch_waits_for_others_but_not_for_long() -> None:
    line = Line[str](ON_GPU)
    line.put("a", 1.0, final=True)
    assert (line.take(1.0), line.due()) == ([], 1.05)
    line.put("b", 1.02, final=True)
    assert line.take(1.05) == ["a", "b"]


def test_a_full_batch_does_not_wait() -> None:
    line = Line[int](ON_GPU)
    for number in range(9):
        line.put(number, 1.0, final=True)
    assert line.take(1.0) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert line.take(2.0) == []  # one lane
    line.done()
    assert line.take(2.0) == [8]


def test_who_leaves_is_not_counted_any_more() -> None:
    line = Line[str](Policy(lanes=1))
    line.put("final", 0.0, final=True)
    line.put("guess", 0.0, final=False)
    line.leave("final")
    assert line.take(0.0) == ["guess"]
    line.done()
    assert line.has_room
