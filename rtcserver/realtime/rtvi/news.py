"""Realtime server events -> RTVI messages."""

from collections.abc import Iterator
from typing import Any

import msgspec

from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events import conversation as conv
from rtcserver.realtime.events import input_audio_buffer as ear
from rtcserver.realtime.events import output_audio_buffer as mouth
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.events.error import Error
from rtcserver.realtime.events.rtc import RtcHeard, RtcLatency
from rtcserver.realtime.items import FunctionCall
from rtcserver.realtime.rtvi.messages import write_error, write_message
from rtcserver.realtime.rtvi.moment import Moment

_USER = "user"


def to_messages(event: ServerEvent, moment: Moment, at: str) -> Iterator[str]:
    """Nothing for an event that RTVI has no word for; `at` is the time of day, in ISO 8601."""
    match event:
        case ear.InputAudioBufferSpeechStarted():
            yield write_message("user-started-speaking")
        case ear.InputAudioBufferSpeechStopped():
            yield write_message("user-stopped-speaking")
        case conv.InputAudioTranscriptionDelta(item_id=item_id, delta=delta):
            yield _heard(moment.hear(item_id, delta), at, final=False)
        case conv.InputAudioTranscriptionCompleted(item_id=item_id, transcript=text):
            moment.heard_out(item_id)
            yield _heard(text, at, final=True)
            yield write_message("user-llm-text", {"text": text})
        case RtcLatency(phases=phases):
            times = [{"processor": phase.name, "value": phase.ms / 1000} for phase in phases]
            yield write_message("metrics", {"processing": times})
        case Error(error=error):
            yield write_error(error.message, answers=error.event_id or "")
        case _:
            yield from _of_playback(event, moment)
            yield from _of_response(event, moment)


def _of_playback(event: ServerEvent, moment: Moment) -> Iterator[str]:
    match event:
        case mouth.OutputAudioBufferStarted(response_id=response_id):
            moment.playing = response_id
            yield write_message("bot-tts-started")
            yield write_message("bot-started-speaking")
        case RtcHeard(response_id=response_id, text=text):
            yield from _outputs(moment.segments.heard(response_id, text))
        case mouth.OutputAudioBufferStopped(response_id=response_id):
            yield from _outputs(moment.segments.spoken(response_id))
            yield from _silence(moment)
        case mouth.OutputAudioBufferCleared(response_id=response_id):
            moment.segments.forget(response_id)
            yield write_message("bot-interrupted")
            yield from _silence(moment)
        case conv.ConversationItemTruncated():
            # Not in RTVI, and worth knowing: how much of an answer was heard.
            yield write_message("server-message", msgspec.to_builtins(event))
        case _:
            return


def _of_response(event: ServerEvent, moment: Moment) -> Iterator[str]:
    match event:
        case ev.ResponseCreated(response=response):
            moment.begin_response(response.id)
            yield write_message("bot-llm-started")
        case ev.ResponseOutputAudioTranscriptDelta(delta=delta):
            yield write_message("bot-llm-text", {"text": delta})
            yield write_message("bot-tts-text", {"text": delta})
            yield from _outputs(moment.segments.push(event.response_id, delta, spoken=True))
        case ev.ResponseOutputTextDelta(delta=delta):
            yield write_message("bot-llm-text", {"text": delta})
            yield from _outputs(moment.segments.push(event.response_id, delta, spoken=False))
        case ev.ResponseOutputAudioTranscriptDone(transcript=text):
            yield from _outputs(moment.segments.end(event.response_id, spoken=True))
            yield write_message("bot-transcription", {"text": text})
        case ev.ResponseOutputTextDone():
            yield from _outputs(moment.segments.end(event.response_id, spoken=False))
            moment.segments.forget(event.response_id)
        case ev.ResponseOutputItemAdded(item=FunctionCall(name=name)):
            yield write_message("llm-function-call-started", {"function_name": name})
        case ev.ResponseFunctionCallArgumentsDone():
            moment.call(event.call_id)
            yield write_message("llm-function-call-in-progress", _call(event))
        case ev.ResponseDone(response=response):
            if response.status == "cancelled" and response.id != moment.playing:
                moment.segments.forget(response.id)
            yield from _over(response)
        case _:
            return


def _heard(text: str, at: str, *, final: bool) -> str:
    data = {"text": text, "final": final, "timestamp": at, "user_id": _USER}
    return write_message("user-transcription", data)


def _outputs(segments: Iterator[dict[str, Any]]) -> Iterator[str]:
    for segment in segments:
        yield write_message("bot-output", segment)


def _silence(moment: Moment) -> Iterator[str]:
    moment.playing = None
    yield write_message("bot-tts-stopped")
    yield write_message("bot-stopped-speaking")


def _call(event: ev.ResponseFunctionCallArgumentsDone) -> dict[str, Any]:
    """What a model has written is not always an object."""
    try:
        arguments = msgspec.json.decode(event.arguments, type=dict[str, Any])
    except msgspec.DecodeError:
        arguments = {}
    return {"function_name": event.name, "tool_call_id": event.call_id, "arguments": arguments}


def _over(response: ev.Response) -> Iterator[str]:
    yield write_message("bot-llm-stopped")
    if response.status == "failed":
        error = (response.status_details or {}).get("error") or {}
        yield write_error(str(error.get("message") or "The response failed."))
