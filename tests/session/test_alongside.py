"""Where the assistant may not be interrupted, what is said over it becomes a turn of its own."""

import json
from typing import Any

import pytest

from rtcserver.realtime.items import text_of
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

TWELVE = "One two three four five six seven eight nine ten eleven twelve."
COMPLETED = "conversation.item.input_audio_transcription.completed"
COMMIT = {"type": "input_audio_buffer.commit"}
CREATE = {"type": "response.create"}


def detection(**wishes: Any) -> dict[str, Any]:
    vad = {"type": "server_vad", **wishes} if wishes else None
    return {"type": "session.update", "session": {"audio": {"input": {"turn_detection": vad}}}}


def talk(
    seconds: float,
    *events: tuple[float, dict[str, Any]],
    speech: list[tuple[float, float]],
    words: list[Word],
    create_response: bool = True,
) -> Call:
    """A reply of twelve words, 0.3 s each, is heard from 2.76 to 6.4 s."""
    rules = detection(interrupt_response=False, create_response=create_response)
    return call(
        seconds,
        speech=speech,
        words=words,
        chat=ScriptedChat([TWELVE, "Second."]),
        rtc_events=True,
        events=[(at, json.dumps(event)) for at, event in ((0.0, rules), *events)],
    )


def transcripts(made: Call) -> list[str]:
    return [made.event(COMPLETED, nth).transcript for nth in range(made.types.count(COMPLETED))]


def asked(made: Call) -> list[str]:
    """What the chat model was last told, without the system prompt."""
    return [str(message["content"]) for message in made.chat.requests[-1].messages[1:]]


HELLO = {"speech": [(1.0, 2.0), (4.0, 5.0)], "words": [Word("hello", 1.2), Word("and", 4.3)]}


def test_the_reply_goes_on_and_the_turn_is_told_while_it_is_spoken() -> None:
    made = talk(12, **HELLO)  # type: ignore[arg-type]
    assert "rtc.playback.paused" not in made.types
    assert "conversation.item.truncated" not in made.types
    over = made.types[made.types.index("output_audio_buffer.started") :]
    ours = [kind for kind in over if kind.startswith(("input_audio", COMPLETED, "output_audio"))]
    assert ours[:6] == [
        "output_audio_buffer.started",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        COMPLETED,
        "output_audio_buffer.stopped",
    ]
    assert transcripts(made) == ["hello", "and"]


def test_it_is_answered_as_soon_as_the_reply_is_over() -> None:
    made = talk(12, **HELLO)  # type: ignore[arg-type]
    created = [at for at, kind in made.timed if kind == "response.created"]
    assert len(created) == 2
    assert created[1] == made.first("output_audio_buffer.stopped")
    assert asked(made) == ["hello", TWELVE, "and"]
    assert made.types.count("rtc.latency") == 1  # the second answers no silence


def test_several_turns_over_one_reply_get_one_answer() -> None:
    made = talk(
        14,
        speech=[(1.0, 2.0), (3.4, 3.8), (4.9, 5.3)],
        words=[Word("hello", 1.2), Word("one", 3.6), Word("two", 5.1)],
    )
    assert transcripts(made) == ["hello", "one", "two"]
    assert made.types.count("response.created") == 2
    assert asked(made) == ["hello", TWELVE, "one", "two"]


def test_a_turn_that_ends_after_the_reply_is_a_turn_like_any_other() -> None:
    made = talk(14, speech=[(1.0, 2.0), (6.0, 7.0)], words=[Word("hello", 1.2), Word("late", 6.5)])
    assert transcripts(made) == ["hello", "late"]
    assert made.first("input_audio_buffer.speech_started") < 2
    assert made.types.count("input_audio_buffer.speech_started") == 2
    assert made.types.count("rtc.latency") == 2


def test_noise_over_a_reply_is_no_turn_to_answer() -> None:
    made = talk(12, speech=[(1.0, 2.0), (4.0, 5.0)], words=[Word("hello", 1.2)])
    assert transcripts(made) == ["hello", ""]
    assert made.types.count("response.created") == 1


def test_without_automatic_answers_it_is_only_written_down() -> None:
    made = talk(
        12,
        (2.2, CREATE),
        create_response=False,
        **HELLO,  # type: ignore[arg-type]
    )
    assert transcripts(made) == ["hello", "and"]
    assert made.types.count("response.created") == 1


def test_a_turn_that_nobody_answered_is_answered_when_the_client_asks() -> None:
    made = call(
        10,
        speech=[(1.0, 2.0)],
        words=[Word("hello", 1.2)],
        events=[(0, json.dumps(detection(create_response=False))), (5, json.dumps(CREATE))],
    )
    assert transcripts(made) == ["hello"]
    assert made.first(COMPLETED) == pytest.approx(2.5, abs=0.1)
    assert made.first("response.created") == pytest.approx(5.0, abs=0.03)
    assert asked(made) == ["hello"]


def test_the_echo_of_the_first_word_is_no_turn() -> None:
    made = talk(12, speech=[(1.0, 2.0), (2.8, 3.0)], words=[Word("hello", 1.2), Word("one", 2.9)])
    assert transcripts(made) == ["hello"]


def test_what_was_said_over_a_reply_can_be_cleared() -> None:
    made = talk(
        12,
        (4.6, {"type": "input_audio_buffer.clear"}),
        speech=[(1.0, 2.0), (4.0, 4.5)],
        words=[Word("hello", 1.2), Word("no", 4.3)],
    )
    assert transcripts(made) == ["hello"]
    assert made.types.count("response.created") == 1


def test_an_answer_that_is_owed_can_be_taken_back() -> None:
    made = talk(12, (6.0, {"type": "response.cancel"}), **HELLO)  # type: ignore[arg-type]
    assert made.types.count("response.created") == 1
    assert "error" not in made.types


def test_a_response_asked_for_while_the_caller_speaks_is_heard() -> None:
    made = talk(10, (1.5, CREATE), speech=[(1.0, 4.0)], words=[Word("hello", 1.2)])
    assert "rtc.playback.paused" not in made.types
    assert made.event("response.done").response.status == "completed"
    assert transcripts(made) == ["hello"]


# --- push to talk -----------------------------------------------------------------------------


def pressed(*events: tuple[float, dict[str, Any]], final_delay_s: float = 0.1) -> Call:
    """The words "one", "two", "three" are said in the 2nd, 4th and 6th second."""
    words = [Word("one", 1.5), Word("two", 3.5), Word("three", 5.5)]
    return call(
        14,
        chat=ScriptedChat([TWELVE, "Second."]),
        transcribers=ScriptedTranscribers(words, final_delay_s=final_delay_s),
        events=[(at, json.dumps(event)) for at, event in ((0.0, detection()), *events)],
    )


def test_a_commit_while_the_assistant_speaks_leaves_it_speaking() -> None:
    made = pressed((2.0, COMMIT), (2.0, CREATE), (4.0, COMMIT))
    assert transcripts(made) == ["one", "two"]
    assert made.event("response.done").response.status == "completed"
    assert "output_audio_buffer.cleared" not in made.types
    assert made.types.count("response.created") == 1


def test_a_response_asked_for_right_behind_such_a_commit_answers_it() -> None:
    made = pressed((2.0, COMMIT), (2.0, CREATE), (4.0, COMMIT), (4.0, CREATE), final_delay_s=0.5)
    assert made.types.count("response.created") == 2
    assert asked(made) == ["one", TWELVE, "two"]
    second = [at for at, kind in made.timed if kind == "response.created"][1]
    assert second >= [at for at, kind in made.timed if kind == COMPLETED][1]


def test_a_client_that_wants_silence_says_so_itself() -> None:
    cancel, clear = {"type": "response.cancel"}, {"type": "output_audio_buffer.clear"}
    made = pressed(
        (2.0, COMMIT), (2.0, CREATE), (4.0, cancel), (4.0, clear), (4.0, COMMIT), (4.0, CREATE)
    )
    assert made.types.count("response.created") == 2
    said, heard, again = asked(made)
    assert (said, again) == ("one", "two")
    assert TWELVE.startswith(heard)
    assert heard != TWELVE


def test_clear_between_two_commits_leaves_out_nothing_but_what_it_cleared() -> None:
    clear = {"type": "input_audio_buffer.clear"}
    made = pressed((2.0, COMMIT), (4.5, clear), (6.0, COMMIT), (6.0, CREATE))
    assert transcripts(made) == ["one", "three"]
    assert asked(made) == ["one", "three"]


def test_words_are_told_live_while_the_button_is_held() -> None:
    made = pressed((6.0, COMMIT), (6.0, CREATE))
    delta = "conversation.item.input_audio_transcription.delta"
    assert [at for at, kind in made.timed if kind == delta] == pytest.approx(
        [1.5, 3.5, 5.5], abs=0.1
    )
    item = made.event("conversation.item.added").item
    assert text_of(item) == ""  # its words follow with transcription.completed
