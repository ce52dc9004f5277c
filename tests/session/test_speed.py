"""`speed` changes how long an answer lasts, and what was heard of it stays true."""

import json

import pytest

from rtcserver.realtime.events.rtc import RtcHeard
from rtcserver.services.llm.scripted import ScriptedChat
from tests.session.calls import Call, call

TWELVE = "One two three four five six seven eight nine ten eleven twelve."
CREATE = (1.0, '{"type":"response.create"}')


def said(speed: float, *events: tuple[float, str]) -> Call:
    """Twelve words of 0.3 s each at a speed of 1."""
    session = {"audio": {"output": {"speed": speed}}}
    update = 0.0, json.dumps({"type": "session.update", "session": session})
    chat = ScriptedChat([TWELVE])
    return call(20, chat=chat, events=[update, CREATE, *events], rtc_events=True)


def playback_s(made: Call) -> float:
    return made.first("output_audio_buffer.stopped") - made.first("output_audio_buffer.started")


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.0, 1.5])
def test_an_answer_lasts_as_long_as_its_speed_makes_it(speed: float) -> None:
    assert playback_s(said(speed)) == pytest.approx(12 * 0.3 / speed, abs=0.15)


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.5])
def test_words_are_heard_at_that_pace(speed: float) -> None:
    made = said(speed)
    started = made.first("output_audio_buffer.started")
    news = [(at, e.text) for at, e in made.wire.said if isinstance(e, RtcHeard)]
    fifth = next(at for at, text in news if text.endswith("five"))
    assert fifth - started == pytest.approx(4.5 * 0.3 / speed, abs=0.05)


def test_a_cut_leaves_the_words_that_were_heard_at_half_the_speed() -> None:
    made = said(0.5, (5.0, '{"type":"output_audio_buffer.clear"}'))
    heard_s = 5.0 - made.first("output_audio_buffer.started")
    (final,) = [e for _, e in made.wire.said if isinstance(e, RtcHeard) and e.final]
    assert final.audio_ms == pytest.approx(heard_s * 1000, abs=40)
    assert len(final.text.split()) == pytest.approx(heard_s / 0.6, abs=0.6)
