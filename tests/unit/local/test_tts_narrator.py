"""A response is one stretch of sound: pauses are ours, and word times stay true."""

from collections.abc import Sequence

import numpy as np
import pytest

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples
from rtcserver.local.engines.base import Speech, spread
from rtcserver.local.engines.tones import Tones
from rtcserver.local.tts_narrator import Narrator


class Steady:
    """Half a second of sound a word at 16 kHz, amid a second of silence on either side."""

    name = "steady"
    voices: tuple[str, ...] = ("only",)

    def speak(self, words: Sequence[str], voice: str) -> Speech:
        quiet, n = np.zeros(16_000, np.int16), len(words)
        sound = (8_000 * np.sin(np.arange(8_000 * n) * 0.2)).astype(np.int16)
        times = tuple((1 + word / 2, 1.5 + word / 2) for word in range(n))
        return Speech(np.concatenate((quiet, sound, quiet)), 16_000, times)


def narrate(*clauses: str) -> tuple[list[tuple[str, float, float]], Samples]:
    narrator = Narrator(Steady(), "only")
    parts = [*(narrator.speak(clause.split()) for clause in clauses), narrator.finish()]
    frames = [frame for part in parts for frame in part.frames]
    assert {len(frame) for frame in frames} == {SAMPLES_PER_FRAME}
    return [word for part in parts for word in part.words], np.concatenate(frames)


def test_silence_around_a_clause_becomes_a_short_lead_and_a_pause() -> None:
    words, sound = narrate("one two.")
    assert [text for text, _, _ in words] == ["one", "two."]
    assert [second for word in words for second in word[1:]] == pytest.approx(
        [0.04, 0.54, 0.54, 1.04]
    )
    assert len(sound) / SAMPLE_RATE == pytest.approx(1.04 + 0.3, abs=0.081)


def test_the_mark_after_a_clause_makes_the_pause_to_the_next() -> None:
    words, _ = narrate("one", "two,", "three.", "four")
    starts = [start_s for _, start_s, _ in words]
    lead, word = 0.04, 0.5
    assert starts == pytest.approx(
        [
            lead,
            lead + word + 0.02 + lead,
            2 * (lead + word) + 0.02 + 0.12 + lead,
            3 * (lead + word) + 0.02 + 0.12 + 0.3 + lead,
        ],
        abs=0.001,
    )


def test_a_word_sounds_when_it_is_said_to_even_after_many_clauses() -> None:
    words, sound = narrate(*["so it is."] * 20)
    for _, start_s, stop_s in words:
        start, stop = int(start_s * SAMPLE_RATE), int(stop_s * SAMPLE_RATE)
        assert np.abs(sound[start + 120 : stop - 120]).max() > 7_000
    _, begin_s, _ = words[-3]
    before = sound[int((begin_s - 0.2) * SAMPLE_RATE) : int((begin_s - 0.005) * SAMPLE_RATE)]
    assert np.abs(before).max() < 50


def test_a_response_without_words_has_no_sound() -> None:
    assert Narrator(Steady(), "only").finish().frames == ()


def test_tones_beep_once_a_word() -> None:
    speech = Tones().speak(["beep", "beep"], "beep")
    (_, stop_s), (start_s, _) = speech.times
    gap = speech.samples[int(stop_s * SAMPLE_RATE) : int(start_s * SAMPLE_RATE)]
    assert len(gap) == pytest.approx(0.06 * SAMPLE_RATE, abs=2)
    assert not gap.any()


def test_times_are_guessed_from_letters() -> None:
    assert spread(["a", "bcd"], 1.0, 3.0) == ((1.0, 1.5), (1.5, 3.0))
