"""Semantic turn detection, on the virtual clock: what was said decides how long it waits."""

import json

import pytest

from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

STOPPED = "input_audio_buffer.speech_stopped"


def semantic(eagerness: str = "auto") -> list[tuple[float, str]]:
    detection = {"type": "semantic_vad", "eagerness": eagerness}
    session = {"audio": {"input": {"turn_detection": detection}}}
    return [(0, json.dumps({"type": "session.update", "session": session}))]


def spoken(text: str, start_s: float) -> list[Word]:
    """A word every 0.2 s."""
    return [Word(word, start_s + 0.2 * nth) for nth, word in enumerate(text.split())]


def asked(text: str, eagerness: str = "auto", **how: object) -> Call:
    """The caller says `text` up to 3.0 s, and then nothing."""
    return call(
        14,
        speech=[(1.0, 3.0)],
        events=semantic(eagerness),
        transcribers=ScriptedTranscribers(spoken(text, 1.2), **how),  # type: ignore[arg-type]
    )


def silence(made: Call) -> float:
    """Seconds from the last sound to the end of the turn."""
    return made.first(STOPPED) - 3.0


def transcripts(made: Call) -> list[str]:
    completed = "conversation.item.input_audio_transcription.completed"
    return [made.event(completed, nth).transcript for nth in range(made.types.count(completed))]


def test_a_whole_question_is_answered_after_300_ms() -> None:
    made = asked("what time is it")
    assert silence(made) == pytest.approx(0.3, abs=0.06)
    assert made.first("response.created") == made.first(STOPPED)


@pytest.mark.parametrize(("eagerness", "limit_s"), [("high", 2), ("medium", 4), ("low", 8)])
def test_half_a_sentence_waits_up_to_the_limit_of_eagerness(eagerness: str, limit_s: int) -> None:
    made = asked("i would like to", eagerness)
    assert silence(made) == pytest.approx(limit_s, abs=0.06)
    assert made.types.count("response.created") == 1


def test_a_number_that_is_dictated_in_groups_is_one_turn() -> None:
    made = call(
        16,
        speech=[(1.0, 3.0), (5.0, 5.6)],
        words=[*spoken("my phone number is five five five", 1.2), *spoken("one two", 5.2)],
        events=semantic(),
    )
    assert transcripts(made) == ["my phone number is five five five one two"]
    assert made.first(STOPPED) == pytest.approx(5.6 + 4, abs=0.06)  # two digits are missing
    assert made.types.count("response.created") == 1
    assert len(made.chat.requests) == 2  # the first was prepared in the pause, and thrown away


def test_words_that_come_only_with_the_flush_are_judged_then() -> None:
    """The built-in recogniser says most of its words when it is asked for them."""
    made = asked("what time is it", delay_s=5.0, final_delay_s=0.15)
    assert transcripts(made) == ["what time is it"]
    assert silence(made) == pytest.approx(0.2 + 0.15, abs=0.08)


def test_a_slow_transcriber_is_waited_for() -> None:
    made = asked("what time is it", final_delay_s=1.0)
    assert silence(made) == pytest.approx(0.2 + 1.0, abs=0.08)


def test_the_pause_score_of_the_transcriber_shortens_the_wait() -> None:
    unsure = asked("my name is martin", pauses=(0.9, 0.2, 0.1, 0.1))
    sure = asked("my name is martin", pauses=(0.9, 0.8, 0.1, 0.1))
    assert silence(unsure) == pytest.approx(0.6, abs=0.06)
    assert silence(sure) == pytest.approx(0.3, abs=0.06)


def test_speech_that_goes_on_throws_the_prepared_answer_away() -> None:
    made = call(
        10,
        speech=[(1.0, 2.0), (2.26, 3.2)],
        words=[*spoken("what time is it", 1.2), *spoken("in london", 2.5)],
        events=semantic("low"),
    )
    assert transcripts(made) == ["what time is it in london"]
    assert made.chat.aborted == 1
