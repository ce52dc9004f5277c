"""What the bots say, made by the real Flite."""

import numpy as np

from loadtests.speech import SENTENCES, scripts, trim
from rtcserver.audio.format import SAMPLE_RATE


def test_silence_is_cut_off_at_both_ends_only() -> None:
    words = np.array([0, 1, -900, 0, 0, 1_000, 2, 0], dtype=np.int16)
    assert list(trim(words)) == [-900, 0, 0, 1_000]
    assert len(trim(np.zeros(5, dtype=np.int16))) == 0


def test_calls_begin_at_different_sentences_and_go_round() -> None:
    first, second = scripts(calls=2, turns=len(SENTENCES) + 1)
    assert [utterance.text for utterance in first] == [*SENTENCES, SENTENCES[0]]
    assert second[0].text == SENTENCES[1]


def test_an_utterance_is_speech_from_its_first_sample() -> None:
    ((hello,),) = scripts(calls=1, turns=1)
    assert hello.text == "hello there"
    assert 0.3 < len(hello.samples) / SAMPLE_RATE < 1.5
    assert np.abs(hello.samples).max() > 3_000
