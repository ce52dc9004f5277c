"""What a response has used: counted by the chat model, else estimated; sound by its length."""

from dataclasses import dataclass

from rtcserver.conversation import tokens
from rtcserver.conversation.context import ChatRequest
from rtcserver.realtime.events.response import InputTokenDetails, OutputTokenDetails, Usage


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens of text, as the chat model counted them."""

    input: int
    output: int


class SoundHeard:
    """Samples of the caller's turns that no response has accounted for yet."""

    def __init__(self) -> None:
        self._samples = 0

    def add(self, samples: int) -> None:
        self._samples += samples

    def take(self) -> int:
        samples, self._samples = self._samples, 0
        return samples


class Meter:
    """Of one response. Sound costs once, where a service works on it: what was heard since the
    response before, and what of this one was spoken. The chat model only reads and writes text."""

    def __init__(self, request: ChatRequest | None, heard: int) -> None:
        self._request, self._heard = request, heard
        self._written = 0

    def wrote(self, text: str) -> None:
        self._written += len(text.encode())

    def usage(self, counted: Counted | None, spoken: int) -> Usage:
        """`spoken` in samples."""
        if counted is None:
            asked = tokens.of_request(self._request) if self._request else 0
            counted = Counted(asked, tokens.of_bytes(self._written))
        heard, voiced = tokens.of_sound_heard(self._heard), tokens.of_sound_spoken(spoken)
        return Usage(
            total_tokens=counted.input + counted.output + heard + voiced,
            input_tokens=counted.input + heard,
            output_tokens=counted.output + voiced,
            input_token_details=InputTokenDetails(text_tokens=counted.input, audio_tokens=heard),
            output_token_details=OutputTokenDetails(
                text_tokens=counted.output, audio_tokens=voiced
            ),
        )
