"""Semantic turn detection with the built-in recogniser, by voice, in real time."""

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, silence
from tests.conversation.real_server import RealServer
from tests.conversation.websocket_caller import WebSocketCaller, websocket_call
from tests.speech import utterance

SERVER_VAD_MS = 500


async def listen_for_sense(caller: WebSocketCaller) -> None:
    detection = {"type": "semantic_vad", "eagerness": "medium"}
    audio = {"input": {"turn_detection": detection}}
    await caller.tell("session.update", session={"type": "realtime", "audio": audio})
    await caller.event("session.updated")


async def test_a_whole_question_is_answered_sooner_than_a_fixed_silence_allows(
    server: RealServer,
) -> None:
    async with websocket_call(server.url) as caller:
        await listen_for_sense(caller)
        caller.say(utterance("what is two plus three"))
        answer = await caller.answer()
    assert answer.heard.endswith("plus three")
    endpointing = answer.one("rtc.latency")["phases"][0]
    assert endpointing["name"] == "endpointing"
    assert endpointing["ms"] < SERVER_VAD_MS


async def test_half_a_sentence_is_waited_for(server: RealServer) -> None:
    pause = silence(round(1.5 * SAMPLE_RATE))
    async with websocket_call(server.url) as caller:
        await listen_for_sense(caller)
        caller.say(np.concatenate((utterance("my name is"), pause, utterance("martin"))))
        answer = await caller.answer()
    assert answer.heard.startswith("my name is ")
    assert answer.types.count("input_audio_buffer.committed") == 1
