"""`idle_timeout_ms`: a caller who says nothing after a response is spoken to again."""

import json
from typing import Any

import pytest
from openai.types.realtime import InputAudioBufferTimeoutTriggered

from rtcserver.realtime.codec import dump_event
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

TIMEOUT = "input_audio_buffer.timeout_triggered"
COMPLETED = "conversation.item.input_audio_transcription.completed"
CREATE = (0.5, json.dumps({"type": "response.create"}))


def idle(timeout_ms: int = 3_000, **wishes: Any) -> tuple[float, str]:
    vad = {"type": "server_vad", "idle_timeout_ms": timeout_ms, **wishes}
    session = {"audio": {"input": {"turn_detection": vad}}}
    return 0.0, json.dumps({"type": "session.update", "session": session})


def silent(seconds: float, *events: tuple[float, str], **how: Any) -> Call:
    chat = ScriptedChat(["Hello.", "Are you there?", "Well then."])
    return call(seconds, events=events, chat=chat, rtc_events=True, **how)


def test_it_counts_from_the_end_of_the_last_response_s_playback() -> None:
    made = silent(6, idle(), CREATE)
    stopped = made.first("output_audio_buffer.stopped")
    assert made.first(TIMEOUT) == pytest.approx(stopped + 3.0, abs=0.01)
    event = made.event(TIMEOUT)
    assert event.audio_start_ms == pytest.approx(stopped * 1000, abs=40)
    assert event.audio_end_ms - event.audio_start_ms == pytest.approx(3000, abs=40)


def test_it_is_told_as_openai_s_client_reads_it() -> None:
    told = dump_event(silent(6, idle(), CREATE).event(TIMEOUT))
    read = InputAudioBufferTimeoutTriggered.model_validate_json(told, strict=True)
    assert read.item_id
    assert read.audio_end_ms > read.audio_start_ms


def test_the_silence_is_committed_and_a_response_made() -> None:
    made = silent(6, idle(), CREATE)
    after = made.types[made.types.index(TIMEOUT) :]
    assert after[:6] == [
        TIMEOUT,
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        COMPLETED,
        "response.created",
    ]
    item_id = made.event(TIMEOUT).item_id
    assert made.event("input_audio_buffer.committed").item_id == item_id
    completed = made.event(COMPLETED)
    assert (completed.item_id, completed.transcript) == (item_id, "")
    assert completed.usage.seconds == pytest.approx(3.0, abs=0.04)


def test_the_chat_model_is_told_of_the_silence() -> None:
    made = silent(6, idle(), CREATE)
    last = made.chat.requests[-1].messages[-2:]
    assert [(m["role"], m["content"]) for m in last] == [("assistant", "Hello."), ("user", "...")]


def test_it_comes_again_after_each_response() -> None:
    made = silent(12, idle(), CREATE)
    assert made.types.count(TIMEOUT) == 2
    assert made.types.count("rtc.latency") == 0  # nobody waited for these answers


def test_nobody_is_hurried_before_the_first_response() -> None:
    assert TIMEOUT not in silent(10, idle()).types


def test_speech_stops_the_clock() -> None:
    made = silent(7, idle(), CREATE, speech=[(3.5, 4.5)], words=[Word("wait", 4.0)])
    assert TIMEOUT not in made.types
    assert made.types.count("response.created") == 2


def test_words_too_soft_to_be_noticed_are_in_the_committed_item() -> None:
    ears = ScriptedTranscribers([Word("hm", 3.5)], delay_s=9.0)  # says it when it is flushed
    made = silent(6, idle(), CREATE, transcribers=ears)
    assert made.event(COMPLETED).transcript == "hm"
    assert made.chat.requests[-1].messages[-1]["content"] == "hm"


@pytest.mark.parametrize("rules", [idle(create_response=False), (0.0, '{"type":"x"}')])
def test_without_a_timeout_or_automatic_answers_there_is_none(rules: tuple[float, str]) -> None:
    assert TIMEOUT not in silent(10, rules, CREATE).types


def test_a_timeout_that_is_switched_off_in_the_silence_does_not_come() -> None:
    off = 3.0, idle(1_000)[1].replace(', "idle_timeout_ms": 1000', "")
    assert TIMEOUT not in silent(10, idle(5_000), CREATE, off).types
