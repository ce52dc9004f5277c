"""Our own share of the silence before an answer, with services that take no time at all."""

import pytest

from loadtests.figures import summarize
from rtcserver.config import Settings, Turn
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.turns.hearing import Word
from tests.session.calls import call

SHARE_S = 0.060
ENDS = [2.0 + n * 0.007 for n in range(20)]  # anywhere in the windows and beats of 32 and 20 ms


def silence_s(speech_end: float, turn: Turn | None = None, first_token_s: float = 0.0) -> float:
    """From the end of speech to the first sample of the answer on its way."""
    made = call(
        6,
        speech=[(1.0, speech_end)],
        chat=ScriptedChat(["Yes."], first_token_s=first_token_s, per_token_s=0),
        transcribers=ScriptedTranscribers([Word("hello", 1.2)], final_delay_s=0),
        synthesizer=ScriptedSynthesizer(first_audio_s=0, realtime_factor=1e9),
        settings=Settings(turn=turn or Turn()),
    )
    return next(at for at, samples in made.wire.heard if samples.any()) - speech_end


@pytest.mark.parametrize("silence_ms", [200, 300, 500, 800])
def test_our_own_share_of_a_turn_is_60_ms_at_most(silence_ms: int) -> None:
    turn = Turn(silence_duration_ms=silence_ms)
    measured = summarize(silence_s(end, turn) for end in ENDS)
    assert measured.p95 <= silence_ms / 1000 + SHARE_S, measured


def test_with_speculation_the_first_300_ms_of_the_chat_model_cost_nothing() -> None:
    for end in ENDS:
        assert silence_s(end, first_token_s=0.3) == pytest.approx(silence_s(end)), end


def test_of_a_slower_chat_model_only_the_rest_is_waited_for() -> None:
    assert silence_s(2.0, first_token_s=1.0) == pytest.approx(0.192 + 1.0, abs=SHARE_S)
