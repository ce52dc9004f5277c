"""Whole calls on the virtual clock: who speaks when, and what the client is told."""

import asyncio

import pytest
from structlog.testing import capture_logs

from rtcserver.errors import ServiceFailed, ServiceUnavailable
from rtcserver.services.llm.base import Finish, TextDelta, ToolCall
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscriber, ScriptedTranscribers
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

HELLO = {"speech": [(1.0, 2.0)], "words": [Word("hello", 1.2), Word("there", 1.6)]}


def said_by_user(made: Call) -> list[str]:
    """The last user message of each request to the chat model."""
    return [str(request.messages[-1]["content"]) for request in made.chat.requests]


def test_one_turn_tells_its_events_in_the_canonical_order() -> None:
    assert call(8, **HELLO).types == [  # type: ignore[arg-type]
        "session.created",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.completed",
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "output_audio_buffer.started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
        "output_audio_buffer.stopped",
    ]


def test_speech_is_reported_where_it_was() -> None:
    made = call(8, **HELLO)  # type: ignore[arg-type]
    started = made.event("input_audio_buffer.speech_started")
    stopped = made.event("input_audio_buffer.speech_stopped")
    assert abs(started.audio_start_ms - (1000 - 300)) <= 32  # less the prefix padding
    assert abs(stopped.audio_end_ms - 2000) <= 32


def test_the_answer_is_prepared_while_the_silence_lasts() -> None:
    """200 ms of first token hide in the 320 ms between soft end and end of turn."""
    made = call(8, rtc_events=True, **HELLO)  # type: ignore[arg-type]
    phases = {phase.name: phase.ms for phase in made.event("rtc.latency").phases}
    assert phases["stt"] == 0
    assert phases["llm"] <= 20
    assert phases["tts"] < 300


def test_the_phases_add_up_to_the_silence_the_caller_felt() -> None:
    made = call(8, rtc_events=True, **HELLO)  # type: ignore[arg-type]
    latency = made.event("rtc.latency")
    first_sample_at = made.wire.heard[0][0]
    assert latency.total_ms == pytest.approx((first_sample_at - 2.0) * 1000, abs=80)
    assert sum(phase.ms for phase in latency.phases) == pytest.approx(latency.total_ms, abs=0.05)


def test_speech_that_goes_on_makes_one_turn_and_drops_the_prepared_answer() -> None:
    made = call(
        10,
        speech=[(1.0, 2.0), (2.3, 3.0)],
        words=[Word("hello", 1.2), Word("there", 2.5)],
    )
    assert said_by_user(made) == ["hello", "hello there"]
    assert made.chat.aborted == 1
    assert made.types.count("response.created") == 1
    assert made.types.count("input_audio_buffer.committed") == 1


def test_speech_without_words_is_no_turn_to_answer() -> None:
    made = call(6, speech=[(1.0, 2.0)])
    assert made.chat.requests == []
    assert made.event("conversation.item.input_audio_transcription.completed").transcript == ""


def test_a_transcriber_that_never_finishes_costs_its_time_limit_and_no_more() -> None:
    deaf = ScriptedTranscribers([Word("hello", 1.2)], final_delay_s=60)
    made = call(12, speech=[(1.0, 2.0)], transcribers=deaf)
    assert said_by_user(made) == ["hello"]
    # 3 s after it was asked, at the soft end
    assert made.first("response.created") == pytest.approx(2.2 + 3.0, abs=0.1)


def test_a_call_without_any_transcriber_goes_on_and_says_so() -> None:
    down = ScriptedTranscribers(refuse=ServiceUnavailable("stt", "nobody there"))
    made = call(8, speech=[(1.0, 2.0)], transcribers=down)
    assert made.event("error").error.code == "stt_unavailable"
    assert made.reason == "the caller has left"
    assert made.types.count("error") == 1


class _Sought(ScriptedTranscribers):
    """Instance after instance is asked for 6 s, and none is there."""

    async def open(self) -> ScriptedTranscriber:
        await asyncio.sleep(6)
        raise ServiceUnavailable("stt", "nobody there")


def test_a_long_search_for_a_transcriber_is_told_once() -> None:
    made = call(30, transcribers=_Sought())
    assert made.types.count("error") == 1


class _Fickle(ScriptedTranscribers):
    """Every ear it opens goes deaf at once."""

    async def open(self) -> ScriptedTranscriber:
        assert len(self.opened) < 200, "nobody waits between two attempts"
        ear = await super().open()
        await ear.close()
        return ear


def test_a_transcriber_that_always_hangs_up_is_not_asked_without_end() -> None:
    fickle = _Fickle()
    made = call(4, transcribers=fickle)
    assert made.reason == "the caller has left"
    assert 2 <= len(fickle.opened) < 20
    assert made.event("error").error.code == "stt_unavailable"


@pytest.mark.parametrize("where", ["before", "amid"])
def test_a_chat_model_that_breaks_fails_the_response_and_not_the_call(where: str) -> None:
    failure = ServiceFailed("llm", "gone")
    before = [TextDelta("Well "), TextDelta("then ")] if where == "amid" else []
    made = call(
        12,
        speech=[(1.0, 2.0), (6.0, 7.0)],
        words=[Word("hello", 1.2), Word("again", 6.2)],
        chat=ScriptedChat([[*before, failure], "I am back."]),
    )
    statuses = [made.event("response.done", nth).response.status for nth in (0, 1)]
    assert statuses == ["failed", "completed"]
    assert made.event("error").error.code == "llm_failed"


def test_the_log_tells_that_a_reply_failed_and_not_what_was_said() -> None:
    failure = ServiceFailed("llm", "cannot read 'hello'")
    with capture_logs() as lines:
        call(6, speech=[(1.0, 2.0)], words=[Word("hello", 1.2)], chat=ScriptedChat([[failure]]))
    (line,) = [line for line in lines if line["event"] == "reply failed"]
    assert (line["service"], line["kind"]) == ("llm", "ServiceFailed")
    assert "hello" not in str(line)


def test_a_voice_that_breaks_fails_the_response_and_not_the_call() -> None:
    made = call(
        12,
        speech=[(1.0, 2.0), (6.0, 7.0)],
        words=[Word("hello", 1.2), Word("again", 6.2)],
        synthesizer=ScriptedSynthesizer(break_after_words=2),
    )
    assert made.event("response.done").response.status == "failed"
    assert made.types.count("response.created") == 2
    assert all(voice.closed for voice in made.synthesizer.voices)


def test_a_function_call_is_told_whole_and_without_an_empty_message() -> None:
    made = call(
        8,
        chat=ScriptedChat([[ToolCall("c1", "hang_up", "{}"), Finish("tool_calls")]]),
        **HELLO,  # type: ignore[arg-type]
    )
    (item,) = made.event("response.done").response.output
    assert (item.name, item.call_id, item.status) == ("hang_up", "c1", "completed")
    assert made.event("response.function_call_arguments.done").name == "hang_up"


def test_a_reply_cut_by_its_token_limit_is_incomplete() -> None:
    made = call(
        8,
        chat=ScriptedChat([[TextDelta("One two "), Finish("length")]]),
        **HELLO,  # type: ignore[arg-type]
    )
    response = made.event("response.done").response
    assert (response.status, response.status_details["reason"]) == (
        "incomplete",
        "max_output_tokens",
    )


def test_markdown_is_not_spoken_but_told() -> None:
    made = call(
        8,
        chat=ScriptedChat(["This is **bold** and\n- a list 🎉"]),
        **HELLO,  # type: ignore[arg-type]
    )
    assert made.synthesizer.voices[-1].said == ["This", "is", "bold", "and", "a", "list"]
    assert made.event("response.output_audio_transcript.done").transcript == (
        "This is **bold** and\n- a list 🎉"
    )
