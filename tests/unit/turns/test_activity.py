from rtcserver.turns.activity import Edge, SpeechActivity, VadTiming

WINDOW = 768  # 32 ms


def edges(script: str, vad: SpeechActivity | None = None) -> list[tuple[int, Edge]]:
    """One character a window: "#" is speech, "-" a mumble between both thresholds, "." silence.
    Returns each edge with the number of windows heard by then."""
    vad = vad or SpeechActivity(VadTiming())
    scores = {"#": 0.9, "-": 0.4, ".": 0.01}
    found = []
    for at, char in enumerate(script):
        edge = vad.push(scores[char], at * WINDOW, (at + 1) * WINDOW)
        if edge:
            found.append((at + 1, edge))
    return found


def test_speech_starts_after_96_ms_of_it() -> None:
    assert edges("..##") == []
    assert edges("..###") == [(5, Edge.STARTED)]


def test_a_click_is_no_speech() -> None:
    assert edges("..##.##.##..") == []


def test_a_pause_comes_once_at_192_ms_of_silence() -> None:
    assert edges("#" * 10 + "." * 20) == [
        (3, Edge.STARTED),
        (16, Edge.PAUSED),  # six windows
    ]


def test_speech_that_goes_on_after_a_pause_starts_again_in_the_same_turn() -> None:
    vad = SpeechActivity(VadTiming())
    found = edges("#" * 10 + "." * 8 + "#" * 5 + "." * 20, vad)
    assert [edge for _, edge in found] == [
        Edge.STARTED,
        Edge.PAUSED,
        Edge.STARTED,
        Edge.PAUSED,
    ]
    assert vad.onset_at == 0
    assert vad.speech_end_at == 23 * WINDOW


def test_a_mumble_keeps_a_turn_open_but_opens_none() -> None:
    assert edges("-" * 30) == []
    assert edges("#" * 5 + "-" * 30) == [(3, Edge.STARTED)]


def test_onset_and_end_are_positions_of_the_sound_itself() -> None:
    vad = SpeechActivity(VadTiming())
    edges("...####" + "." * 20, vad)
    assert (vad.onset_at, vad.speech_end_at) == (3 * WINDOW, 7 * WINDOW)


def test_reset_forgets_the_turn_in_progress() -> None:
    vad = SpeechActivity(VadTiming())
    edges("#" * 5, vad)
    vad.reset()
    assert edges("." * 40, vad) == []
