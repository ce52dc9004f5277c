"""A plain WebSocket client holds the conversation of five turns, by voice, in real time."""

import pytest

from rtcserver.realtime.formats import AudioFormatName
from tests.conversation.dialogue import FIVE_TURNS, HANG_UP_TOOL
from tests.conversation.real_server import RealServer
from tests.conversation.spoken_length import sounding_s, spoken_length_s
from tests.conversation.websocket_caller import websocket_call
from tests.speech import utterance

CANONICAL = [
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
    "rtc.latency",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


async def test_five_turns(server: RealServer) -> None:
    async with websocket_call(server.url) as caller:
        answers = []
        for line in FIVE_TURNS:
            caller.say(utterance(line.said))
            answers.append(await caller.answer())
    assert caller.errors == []
    assert [answer.transcript for answer in answers] == [line.answer for line in FIVE_TURNS]
    for line, answer in zip(FIVE_TURNS, answers, strict=True):
        assert line.heard in answer.heard
        assert sounding_s(answer.sound) == pytest.approx(spoken_length_s(line.answer), rel=0.1)
    for answer in answers[:-1]:
        assert answer.types == CANONICAL
    (called,) = answers[-1].one("response.done")["response"]["output"][1:]
    assert (called["type"], called["name"]) == ("function_call", HANG_UP_TOOL["name"])


async def test_the_phases_add_up_to_the_silence(server: RealServer) -> None:
    async with websocket_call(server.url) as caller:
        caller.say(utterance("what is two plus three"))
        latency = (await caller.answer()).one("rtc.latency")
    phases = {phase["name"]: phase["ms"] for phase in latency["phases"]}
    assert list(phases) == ["endpointing", "stt", "llm", "tts", "playout"]
    assert sum(phases.values()) == pytest.approx(latency["total_ms"], abs=0.1)


@pytest.mark.parametrize("format_name", ["audio/pcmu", "audio/pcma"])
async def test_a_turn_in_the_codecs_of_telephones(
    server: RealServer, format_name: AudioFormatName
) -> None:
    line = FIVE_TURNS[0]  # the one that is understood without what lies above 4 kHz
    async with websocket_call(server.url, format_name) as caller:
        caller.say(utterance(line.said))
        answer = await caller.answer()
    assert answer.transcript == line.answer
    assert sounding_s(answer.sound) == pytest.approx(spoken_length_s(line.answer), rel=0.1)
