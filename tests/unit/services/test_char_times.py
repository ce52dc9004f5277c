from rtcserver.services.tts import elevenlabs_wire
from rtcserver.services.tts.base import SpokenWord
from rtcserver.services.tts.char_times import CharTimes


def test_a_word_that_is_cut_by_the_end_of_a_chunk_is_one_word() -> None:
    times = CharTimes()
    assert times.push("a t", [0, 100, 200], [100, 100, 100], 0.0) == [SpokenWord("a", 0.0, 0.1)]
    assert times.push("alent ", [0, 50, 100, 150, 200, 250], [50] * 6, 0.3) == [
        SpokenWord("talent", 0.2, 0.55)
    ]
    assert times.end() == []


def test_a_blank_before_the_first_word_is_none() -> None:
    times = CharTimes()
    assert times.push(" Hi", [0, 46, 81], [46, 35, 58], 0.0) == []
    assert times.end() == [SpokenWord("Hi", 0.046, 0.139)]
    assert times.end() == []


def test_a_chunk_begins_where_the_audio_or_the_times_before_it_ended_whichever_is_later() -> None:
    ahead = CharTimes()
    ahead.push("a ", [0, 250], [250, 250], 0.0)
    assert ahead.push("b ", [0, 100], [100, 100], 0.3) == [SpokenWord("b", 0.5, 0.6)]
    behind = CharTimes()
    behind.push("a ", [0, 50], [50, 50], 0.0)
    assert behind.push("b ", [0, 100], [100, 100], 0.3) == [SpokenWord("b", 0.3, 0.4)]


def test_times_that_cannot_be_are_left_out_whole() -> None:
    times = CharTimes()
    assert times.push("a ", [-1, 0], [1, 1], 0.0) == []
    assert times.push("b ", [0, 10], [-10, 10], 0.0) == []
    assert times.push("c ", [0, 1e12], [10, 10], 0.0) == []
    assert times.push("d ", [0, 100], [100, 100], 0.0) == [SpokenWord("d", 0.0, 0.1)]


def test_lists_of_different_lengths_count_as_far_as_all_of_them_go() -> None:
    times = CharTimes()
    assert times.push("ab cd", [0, 100, 200], [100, 100, 100, 100], 0.0) == [
        SpokenWord("ab", 0.0, 0.2)
    ]
    assert times.push(["x", " "], [], [], 0.3) == []


def test_durations_are_found_by_either_of_their_names() -> None:
    for name in ("charDurationsMs", "charsDurationsMs"):
        told = f'{{"alignment":{{"chars":["a"],"charStartTimesMs":[0],"{name}":[40]}}}}'
        times = elevenlabs_wire.read(told).times
        assert times is not None
        assert times.durations_ms == (40.0,)
