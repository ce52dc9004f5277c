from rtcserver.services.stt.pause_scores import PauseScores
from rtcserver.turns.hearing import NO_PAUSES

SPEECH = (0.1, 0.1, 0.0, 0.0)
PAUSE = (0.9, 0.8, 0.5, 0.2)


def warm() -> PauseScores:
    scores = PauseScores()
    for _ in range(12):
        assert scores.read(PAUSE, ours=False) == NO_PAUSES
    return scores


def test_scores_are_believed_once_the_heads_have_warmed_up() -> None:
    assert warm().read(PAUSE, ours=False) == PAUSE


def test_scores_of_the_silence_we_put_in_are_not_told() -> None:
    assert warm().read(PAUSE, ours=True) == NO_PAUSES


def test_after_a_flush_scores_are_believed_once_somebody_speaks() -> None:
    scores = warm()
    scores.silence_put_in(8)
    assert scores.read(PAUSE, ours=False) == NO_PAUSES
    assert scores.read(SPEECH, ours=False) == SPEECH
    assert scores.read(PAUSE, ours=False) == PAUSE


def test_a_single_frame_misleads_nobody() -> None:
    scores = warm()
    scores.silence_put_in(1)
    assert scores.read(PAUSE, ours=False) == PAUSE
