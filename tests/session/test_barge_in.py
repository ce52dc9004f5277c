"""The caller speaks over the assistant."""

import numpy as np
import pytest

from rtcserver.realtime.items import text_of
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

TWELVE = "One two three four five six seven eight nine ten eleven twelve."


def interrupted(speech: tuple[float, float], *words: Word, seconds: float = 12) -> Call:
    """A reply of twelve words, 0.3 s each, starts at 2.72 s; then this happens."""
    return call(
        seconds,
        speech=[(1.0, 2.0), speech],
        words=[Word("hello", 1.2), *words],
        chat=ScriptedChat([TWELVE]),
        rtc_events=True,
    )


def context(made: Call) -> list[str]:
    """What the chat model was last told, without the system prompt."""
    return [str(message["content"]) for message in made.chat.requests[-1].messages[1:]]


def test_playback_stops_at_once_and_the_item_holds_what_was_heard() -> None:
    made = interrupted((4.0, 5.0), Word("stop", 4.2))
    paused = made.first("rtc.playback.paused")
    assert paused == pytest.approx(4.1, abs=0.04)  # 96 ms of speech make a start of speech
    assert not [at for at, _ in made.wire.heard if paused < at < paused + 1]
    words_played = int((paused - made.wire.heard[0][0]) / 0.3 + 0.5)
    assert context(made) == ["hello", " ".join(TWELVE.split()[:words_played]), "stop"]
    truncated = made.event("conversation.item.truncated")
    assert truncated.audio_end_ms == pytest.approx((paused - made.wire.heard[0][0]) * 1000, abs=21)


def test_the_start_of_speech_is_told_before_what_it_cuts() -> None:
    made = interrupted((4.0, 5.0), Word("stop", 4.2))
    events = made.types[made.types.index("rtc.playback.paused") :]
    assert events[:4] == [
        "rtc.playback.paused",
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]


def test_300_ms_of_speech_interrupt_without_any_word() -> None:
    made = interrupted((4.0, 4.5))
    at = [at for at, kind in made.timed if kind == "input_audio_buffer.speech_started"][1]
    assert at == pytest.approx(4.3, abs=0.04)


def test_a_cough_pauses_and_the_reply_goes_on_from_the_same_sample() -> None:
    made = interrupted((4.0, 4.2))
    assert "conversation.item.truncated" not in made.types
    assert made.types.count("input_audio_buffer.speech_started") == 1
    held = made.first("rtc.playback.resumed") - made.first("rtc.playback.paused")
    assert 0.1 < held < 1.0
    played = np.concatenate([samples for _, samples in made.wire.heard])
    assert np.flatnonzero(np.diff(played[: 12 * 7200])).tolist() == [
        word * 7200 - 1 for word in range(1, 12)
    ]


def test_a_deaf_transcriber_lets_the_reply_go_on_after_a_second() -> None:
    made = call(
        14,
        speech=[(1.0, 2.0), (6.3, 6.5)],
        transcribers=ScriptedTranscribers([Word("hello", 1.2)], final_delay_s=60),
        chat=ScriptedChat([TWELVE]),
        rtc_events=True,
    )
    held = made.first("rtc.playback.resumed") - made.first("rtc.playback.paused")
    assert held == pytest.approx(1.0, abs=0.04)


def test_a_short_word_interrupts_even_after_the_speech_is_over() -> None:
    made = interrupted((4.0, 4.2), Word("stop", 4.3))
    assert context(made)[-1] == "stop"
    assert made.types.count("conversation.item.truncated") == 1


def test_the_first_word_is_protected_from_its_own_echo() -> None:
    """The echo of the word that plays from 2.72 to 3.02 s is heard as speech."""
    made = interrupted((2.8, 3.0), Word("one", 2.9))
    assert "rtc.playback.paused" not in made.types
    assert made.types.count("response.done") == 1


def test_a_caller_who_goes_on_through_the_first_word_does_interrupt() -> None:
    made = interrupted((2.8, 4.5), Word("wait", 3.5))
    assert made.first("rtc.playback.paused") == pytest.approx(
        3.02 + 0.1, abs=0.07
    )  # windows and beats round
    assert context(made)[-1] == "wait"


def test_speech_before_the_first_sample_cancels_a_reply_nobody_has_heard() -> None:
    made = interrupted((2.55, 3.5), Word("wait", 2.7))
    response = made.event("response.done").response
    assert (response.status, response.status_details["reason"]) == ("cancelled", "turn_detected")
    assert "One" not in " ".join(context(made))


def test_an_item_that_is_asked_for_is_what_was_heard() -> None:
    ask = '{"type":"conversation.item.retrieve","item_id":"%s"}'
    first = interrupted((4.0, 5.0), Word("stop", 4.2))
    item_id = first.event("conversation.item.truncated").item_id
    made = call(
        12,
        speech=[(1.0, 2.0), (4.0, 5.0)],
        words=[Word("hello", 1.2), Word("stop", 4.2)],
        chat=ScriptedChat([TWELVE]),
        rtc_events=True,
        events=[(6.0, ask % item_id)],
    )
    item = made.event("conversation.item.retrieved").item
    assert text_of(item) == "One two three four five"
    assert item.status == "incomplete"
