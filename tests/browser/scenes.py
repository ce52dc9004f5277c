"""The server's side of a conversation, as events for a fake server to say."""

from typing import Any

Event = dict[str, Any]

CREATED: Event = {"type": "session.created", "session": {"type": "realtime"}}
CLEARED: Event = {"type": "output_audio_buffer.cleared", "response_id": "resp_1"}
STOPPED: Event = {"type": "output_audio_buffer.stopped", "response_id": "resp_1"}
STARTED: Event = {"type": "output_audio_buffer.started", "response_id": "resp_1"}
PAUSED: Event = {"type": "rtc.playback.paused", "response_id": "resp_1", "audio_ms": 700}
RESUMED: Event = {"type": "rtc.playback.resumed", "response_id": "resp_1", "audio_ms": 700}
RESPONDING: Event = {"type": "response.created", "response": {"id": "resp_1"}}


def speech_started(item_id: str) -> Event:
    event = "input_audio_buffer.speech_started"
    return {"type": event, "item_id": item_id, "audio_start_ms": 0}


def speech_stopped(item_id: str) -> Event:
    event = "input_audio_buffer.speech_stopped"
    return {"type": event, "item_id": item_id, "audio_end_ms": 900}


def interim(item_id: str, delta: str) -> Event:
    event = "conversation.item.input_audio_transcription.delta"
    return {"type": event, "item_id": item_id, "delta": delta}


def understood(item_id: str, transcript: str) -> Event:
    event = "conversation.item.input_audio_transcription.completed"
    return {"type": event, "item_id": item_id, "transcript": transcript}


def not_understood(item_id: str) -> Event:
    event = "conversation.item.input_audio_transcription.failed"
    error = {"type": "transcription_error", "code": "stt_unavailable", "message": "nobody listens"}
    return {"type": event, "item_id": item_id, "content_index": 0, "error": error}


def answer(item_id: str, text: str) -> list[Event]:
    """The words of a spoken answer, whole at once."""
    item = {"id": item_id, "type": "message", "role": "assistant", "content": []}
    words = "response.output_audio_transcript"
    return [
        {"type": "conversation.item.added", "item": item},
        {"type": f"{words}.delta", "item_id": item_id, "delta": text},
        {"type": f"{words}.done", "item_id": item_id, "transcript": text},
    ]


def heard(item_id: str, text: str, *, final: bool = False) -> Event:
    of = {"response_id": "resp_1", "item_id": item_id, "audio_ms": 700}
    return {"type": "rtc.heard", **of, "text": text, "final": final}


def done(*output: Event, status: str = "completed") -> Event:
    return {
        "type": "response.done",
        "response": {"id": "resp_1", "status": status, "output": list(output)},
    }


def truncated(item_id: str) -> Event:
    event = "conversation.item.truncated"
    return {"type": event, "item_id": item_id, "content_index": 0, "audio_end_ms": 700}


def retrieved(item_id: str, heard: str) -> Event:
    content = [{"type": "output_audio", "transcript": heard}]
    item = {"id": item_id, "type": "message", "role": "assistant", "content": content}
    return {"type": "conversation.item.retrieved", "item": item}


HANG_UP: Event = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "hang_up",
    "arguments": "{}",
    "status": "completed",
}
HUNG_UP: Event = {
    "type": "response.output_item.done",
    "response_id": "resp_1",
    "item": HANG_UP,
}
GOODBYE = [RESPONDING, STARTED, HUNG_UP, done({"type": "message"}, HANG_UP)]
"""The voice still says it."""


def latency(item_id: str, total_ms: float, **phases: float) -> Event:
    return {
        "type": "rtc.latency",
        "response_id": "resp_1",
        "item_id": item_id,
        "total_ms": total_ms,
        "phases": [{"name": name, "ms": ms} for name, ms in phases.items()],
    }
