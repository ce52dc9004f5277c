"""Three ways to end a turn, of one shape."""

import pytest

from rtcserver.turns.manual import ManualEnd
from rtcserver.turns.semantic_vad import Eagerness, SemanticVadEnd
from rtcserver.turns.server_vad import ServerVadEnd
from rtcserver.turns.turn_end import SoFar

MS = 24
YEAR = 365 * 24 * 3600 * 24_000

FINISHED = SoFar("what time is it", whole=True)
UNCLEAR = SoFar("my name is martin", whole=True)
UNFINISHED = SoFar("my name is", whole=True)


@pytest.mark.parametrize("so_far", [SoFar(), FINISHED, UNFINISHED])
def test_server_vad_waits_for_the_same_silence_whatever_was_said(so_far: SoFar) -> None:
    assert ServerVadEnd(500 * MS).silence(so_far) == 500 * MS
    assert ServerVadEnd(500 * MS).soft_end == 250 * MS


def test_by_hand_no_silence_is_long_enough() -> None:
    assert ManualEnd().silence(FINISHED) > YEAR
    assert ManualEnd().by_hand


@pytest.mark.parametrize(
    ("eagerness", "finished", "unclear", "unfinished"),
    [("high", 300, 400, 2_000), ("auto", 300, 600, 4_000), ("low", 500, 1_200, 8_000)],
)
def test_patience_follows_eagerness_up_to_the_documented_limits(
    eagerness: Eagerness, finished: int, unclear: int, unfinished: int
) -> None:
    end = SemanticVadEnd(eagerness)
    waits = [end.silence(so_far) for so_far in (FINISHED, UNCLEAR, UNFINISHED)]
    assert waits == [finished * MS, unclear * MS, unfinished * MS]


def test_auto_is_medium() -> None:
    assert SemanticVadEnd("auto").silence(UNCLEAR) == SemanticVadEnd("medium").silence(UNCLEAR)


def test_nothing_ends_early_while_words_may_still_come() -> None:
    assert SemanticVadEnd("auto").silence(SoFar("what time is it")) == 4_000 * MS


@pytest.mark.parametrize(
    ("eagerness", "pauses", "done"),
    [
        ("high", (0.7, 0.2, 0.1, 0.1), True),
        ("high", (0.5, 0.9, 0.9, 0.9), False),
        ("auto", (0.9, 0.5, 0.9, 0.9), False),
        ("auto", (0.1, 0.6, 0.1, 0.1), True),
        ("low", (0.9, 0.9, 0.4, 0.1), False),
        ("low", (0.9, 0.9, 0.8, 0.1), True),
    ],
)
def test_eagerness_picks_the_pause_score_that_counts(
    eagerness: Eagerness, pauses: tuple[float, ...], done: bool
) -> None:
    end = SemanticVadEnd(eagerness)
    heard = end.silence(SoFar("my name is martin", whole=True, pauses=pauses))
    assert heard == end.silence(FINISHED if done else UNCLEAR)


def test_a_pause_score_outweighs_words_that_sound_finished() -> None:
    end = SemanticVadEnd("auto")
    asked = SoFar("what time is it", whole=True, pauses=(0.9, 0.1, 0.1, 0.1))
    assert end.silence(asked) == 600 * MS


def test_no_pause_score_ends_words_that_cannot_be_all() -> None:
    end = SemanticVadEnd("auto")
    dictated = SoFar("my number is five five five", whole=True, pauses=(1.0, 1.0, 1.0, 1.0))
    assert end.silence(dictated) == 4_000 * MS


def test_rules_for_english_are_for_english() -> None:
    assert SemanticVadEnd("auto", english=False).silence(UNFINISHED) == 600 * MS
