"""What a response is said to have used."""

import json

from openai.types.realtime import RealtimeResponseUsage

from rtcserver.conversation.context import ChatRequest
from rtcserver.conversation.usage import Counted, Meter, SoundHeard
from rtcserver.realtime.codec import dump_event
from rtcserver.realtime.events.response import Response, ResponseDone, Usage

REQUEST = ChatRequest(({"role": "user", "content": "a" * 40},))


def figures(usage: Usage) -> tuple[int | None, ...]:
    """As openai's client reads it: text and audio in, text and audio out, in, out, all."""
    done = ResponseDone(response=Response(id="resp_1", usage=usage))
    read = RealtimeResponseUsage.model_validate(json.loads(dump_event(done))["response"]["usage"])
    assert read.input_token_details
    assert read.output_token_details
    return (
        read.input_token_details.text_tokens,
        read.input_token_details.audio_tokens,
        read.output_token_details.text_tokens,
        read.output_token_details.audio_tokens,
        read.input_tokens,
        read.output_tokens,
        read.total_tokens,
    )


def test_the_chat_model_counts_text_and_sound_counts_by_its_length() -> None:
    meter = Meter(REQUEST, heard=24_000)
    meter.wrote("not counted again")
    assert figures(meter.usage(Counted(200, 30), spoken=48_000)) == (200, 10, 30, 40, 210, 70, 280)


def test_text_that_nobody_counted_is_estimated() -> None:
    meter = Meter(REQUEST, heard=0)
    meter.wrote("abcd")
    meter.wrote("ef")
    assert figures(meter.usage(None, spoken=1)) == (14, 0, 2, 1, 14, 3, 17)


def test_a_response_that_was_never_made_has_used_nothing() -> None:
    assert figures(Meter(None, 0).usage(None, 0)) == (0,) * 7


def test_sound_is_accounted_for_once() -> None:
    heard = SoundHeard()
    heard.add(100)
    heard.add(20)
    assert (heard.take(), heard.take()) == (120, 0)
