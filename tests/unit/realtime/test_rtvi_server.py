"""Messages as @pipecat-ai/client-js reads them."""

from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events import conversation as conv
from rtcserver.realtime.events import input_audio_buffer as ear
from rtcserver.realtime.events import output_audio_buffer as mouth
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.events.error import Error, ErrorDetail
from rtcserver.realtime.events.rtc import Phase, RtcHeard, RtcLatency
from rtcserver.realtime.rtvi.dialect import RtviDialect
from tests.unit.realtime.rtvi_talk import AT, Json, response, told

PART: Json = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0}


def test_a_turn_of_the_user_is_told_as_it_is_understood(dialect: RtviDialect) -> None:
    def said(text: str, final: bool) -> Json:
        data = {"text": text, "final": final, "timestamp": AT, "user_id": "user"}
        return {"type": "user-transcription", "data": data}

    usage = conv.DurationUsage(seconds=1.0)
    assert told(
        dialect,
        ear.InputAudioBufferSpeechStarted(item_id="item_1", audio_start_ms=0),
        conv.InputAudioTranscriptionDelta(item_id="item_1", delta="hello"),
        conv.InputAudioTranscriptionDelta(item_id="item_1", delta=" there"),
        ear.InputAudioBufferSpeechStopped(item_id="item_1", audio_end_ms=900),
        conv.InputAudioTranscriptionCompleted(
            item_id="item_1", transcript="Hello there.", usage=usage
        ),
    ) == [
        {"type": "user-started-speaking"},
        said("hello", False),
        said("hello there", False),
        {"type": "user-stopped-speaking"},
        said("Hello there.", True),
        {"type": "user-llm-text", "data": {"text": "Hello there."}},
    ]


def text(kind: str, delta: str) -> Json:
    return {"type": kind, "data": {"text": delta}}


def test_an_answer_is_told_by_token_sentence_and_ear(dialect: RtviDialect) -> None:
    def output(number: int, text: str, status: str, heard: str, rest: str) -> Json:
        data = {
            "text": text,
            "aggregated_by": "sentence",
            "segment_id": number,
            "will_be_spoken": True,
            "spoken_status": status,
            "spoken_progress": {"accumulated_text": heard, "remaining_text": rest},
        }
        return {"type": "bot-output", "data": data}

    assert told(
        dialect,
        ev.ResponseCreated(response=response("in_progress")),
        ev.ResponseOutputAudioTranscriptDelta(**PART, delta="Hi!"),
        ev.ResponseOutputAudioTranscriptDelta(**PART, delta=" Well"),
        ev.ResponseOutputAudioTranscriptDone(**PART, transcript="Hi! Well"),
        ev.ResponseDone(response=response("completed")),
        mouth.OutputAudioBufferStarted(response_id="resp_1"),
        mouth.OutputAudioBufferStopped(response_id="resp_1"),
    ) == [
        {"type": "bot-llm-started"},
        text("bot-llm-text", "Hi!"),
        text("bot-tts-text", "Hi!"),
        output(1, "Hi!", "new", "", "Hi!"),
        text("bot-llm-text", " Well"),
        text("bot-tts-text", " Well"),
        output(2, "Well", "new", "", "Well"),
        text("bot-transcription", "Hi! Well"),
        {"type": "bot-llm-stopped"},
        {"type": "bot-tts-started"},
        {"type": "bot-started-speaking"},
        output(1, "Hi!", "completed", "Hi!", ""),
        output(2, "Well", "completed", "Well", ""),
        {"type": "bot-tts-stopped"},
        {"type": "bot-stopped-speaking"},
    ]


def test_an_answer_in_writing_is_not_said_to_be_spoken(dialect: RtviDialect) -> None:
    _, output = told(dialect, ev.ResponseOutputTextDelta(**PART, delta="Hi!"))
    assert output["data"] == {
        "text": "Hi!",
        "aggregated_by": "sentence",
        "segment_id": 1,
        "will_be_spoken": False,
        "spoken_status": "new",
    }


def test_an_interrupted_answer_is_told_so_and_what_was_heard_of_it(dialect: RtviDialect) -> None:
    told(dialect, ev.ResponseOutputAudioTranscriptDelta(**PART, delta="One. Two."))
    messages = told(
        dialect,
        mouth.OutputAudioBufferCleared(response_id="resp_1"),
        conv.ConversationItemTruncated(item_id="item_1", audio_end_ms=400),
        mouth.OutputAudioBufferStarted(response_id="resp_2"),
        mouth.OutputAudioBufferStopped(response_id="resp_2"),
    )
    assert [message["type"] for message in messages] == [
        *("bot-interrupted", "bot-tts-stopped", "bot-stopped-speaking", "server-message"),
        *("bot-tts-started", "bot-started-speaking", "bot-tts-stopped", "bot-stopped-speaking"),
    ]
    assert messages[3]["data"]["audio_end_ms"] == 400


def test_a_response_that_failed_says_why(dialect: RtviDialect) -> None:
    details = {"type": "failed", "error": {"type": "server_error", "message": "llm: gone"}}
    assert told(dialect, ev.ResponseDone(response=response("failed", details))) == [
        {"type": "bot-llm-stopped"},
        {"type": "error", "data": {"error": "llm: gone", "fatal": False}},
    ]


def test_an_error_finds_back_to_the_message_that_caused_it(dialect: RtviDialect) -> None:
    detail = ErrorDetail(type="invalid_request_error", message="No.", event_id="m1")
    assert told(dialect, Error(error=detail)) == [
        {"type": "error-response", "id": "m1", "data": {"error": "No."}}
    ]


def test_the_silence_before_an_answer_is_told_in_seconds(dialect: RtviDialect) -> None:
    phases = (Phase(name="endpointing", ms=500.0), Phase(name="llm", ms=120.0))
    latency = RtcLatency(response_id="resp_1", item_id="item_1", total_ms=620.0, phases=phases)
    times = [{"processor": "endpointing", "value": 0.5}, {"processor": "llm", "value": 0.12}]
    assert told(dialect, latency) == [{"type": "metrics", "data": {"processing": times}}]


def spoken(dialect: RtviDialect, *events: ServerEvent) -> list[tuple[int, str, str]]:
    """Number, status and heard part of every bot-output."""
    outputs = [m["data"] for m in told(dialect, *events) if m["type"] == "bot-output"]
    return [
        (out["segment_id"], out["spoken_status"], out["spoken_progress"]["accumulated_text"])
        for out in outputs
    ]


def heard(text: str, *, response_id: str = "resp_1") -> RtcHeard:
    return RtcHeard(response_id=response_id, item_id="item_1", text=text, audio_ms=1, final=False)


def test_an_answer_is_told_word_by_word_as_it_is_heard(dialect: RtviDialect) -> None:
    for delta in ("One two.", " Three", " four."):
        told(dialect, ev.ResponseOutputAudioTranscriptDelta(**PART, delta=delta))
    assert spoken(
        dialect,
        heard("One"),
        heard("One"),
        heard("One two. Three"),
        mouth.OutputAudioBufferStopped(response_id="resp_1"),
    ) == [
        (1, "in-progress", "One"),
        (1, "completed", "One two."),
        (2, "in-progress", "Three"),
        (2, "completed", "Three four."),
    ]


def test_an_answer_that_waits_is_not_told_as_heard(dialect: RtviDialect) -> None:
    told(dialect, ev.ResponseOutputAudioTranscriptDelta(**PART, delta="First."))
    second = PART | {"response_id": "resp_2"}
    told(dialect, ev.ResponseOutputAudioTranscriptDelta(**second, delta="Second."))
    stopped = [mouth.OutputAudioBufferStopped(response_id=f"resp_{n}") for n in (1, 2)]
    assert spoken(dialect, stopped[0]) == [(1, "completed", "First.")]
    assert spoken(dialect, stopped[1]) == [(2, "completed", "Second.")]
