"""One turn as its caller lives through it: marks on the clock, and the figures between them."""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rtcserver.audio.format import seconds

_BYTES_PER_SAMPLE = 2


class Mark(StrEnum):
    USER_AUDIO_START = "user audio start"
    FIRST_TRANSCRIPT = "first transcript"
    USER_AUDIO_END = "user audio end"
    RESPONSE_CREATED = "response created"
    FIRST_TEXT = "first text"
    FIRST_AUDIO = "first audio"
    LAST_AUDIO = "last audio"


LATENCIES = {
    "stt_latency_s": (Mark.USER_AUDIO_START, Mark.FIRST_TRANSCRIPT),
    "turn_end_latency_s": (Mark.USER_AUDIO_END, Mark.RESPONSE_CREATED),
    "llm_latency_s": (Mark.RESPONSE_CREATED, Mark.FIRST_TEXT),
    "tts_start_latency_s": (Mark.FIRST_TEXT, Mark.FIRST_AUDIO),
}
REALTIME_FACTOR = "tts_realtime_factor"
FIGURES = (*LATENCIES, REALTIME_FACTOR)
"""What the constitution asks a load test to report (principle II)."""


@dataclass(slots=True)
class Turn:
    """What was said, heard and answered, and when. Ends with the response, or with a problem."""

    said: str
    said_s: float
    heard: str = ""
    answered: str = ""
    audio_samples: int = 0
    ended: bool = False
    problem: str = ""
    silence_s: float | None = None
    """Before the answer, as the server tells it: from the end of speech to the first sample."""
    marks: dict[Mark, float] = field(default_factory=dict)

    def begin(self, now: float) -> None:
        """The user's first sample is spoken now, and the last one `said_s` later."""
        self.marks[Mark.USER_AUDIO_START] = now
        self.marks[Mark.USER_AUDIO_END] = now + self.said_s

    def observe(self, event: dict[str, Any], now: float) -> None:
        """Take in a server event; what does not belong to a turn is passed over."""
        match event["type"]:
            case "conversation.item.input_audio_transcription.delta":
                self._mark(Mark.FIRST_TRANSCRIPT, now)
            case "conversation.item.input_audio_transcription.completed":
                self._mark(Mark.FIRST_TRANSCRIPT, now)
                self.heard = event["transcript"]
            case "response.created":
                self._mark(Mark.RESPONSE_CREATED, now)
            case "response.output_audio_transcript.delta":
                self._mark(Mark.FIRST_TEXT, now)
                self.answered += event["delta"]
            case "response.output_audio.delta":
                self._mark(Mark.FIRST_AUDIO, now)
                self.marks[Mark.LAST_AUDIO] = now
                self.audio_samples += len(base64.b64decode(event["delta"])) // _BYTES_PER_SAMPLE
            case "response.done":
                self._end(event["response"]["status"])
            case "error":
                self.ended, self.problem = True, f"error event: {event['error']['message']}"

    def _end(self, status: str) -> None:
        self.ended = True
        if status != "completed":
            self.problem = f"response {status}"
        elif not self.audio_samples:
            self.problem = "response without audio"

    def _mark(self, mark: Mark, now: float) -> None:
        """The first time counts."""
        self.marks.setdefault(mark, now)

    @property
    def audio_s(self) -> float:
        """Length of the answer."""
        return seconds(self.audio_samples)

    def figures(self) -> dict[str, float]:
        """Seconds, and the realtime factor; what was not seen is left out.

        The factor is the caller's: a server that paces its audio shows little more than 1.
        """
        marks = self.marks
        found = {
            name: marks[end] - marks[start]
            for name, (start, end) in LATENCIES.items()
            if start in marks and end in marks
        }
        spent = marks.get(Mark.LAST_AUDIO, 0.0) - marks.get(Mark.FIRST_AUDIO, 0.0)
        if spent > 0:
            found[REALTIME_FACTOR] = self.audio_s / spent
        return found
