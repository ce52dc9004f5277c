"""What a caller hears when a reply could not be made."""

import pytest

from rtcserver.config import Session, Settings
from rtcserver.errors import ServiceError, ServiceFailed, ServiceUnavailable
from rtcserver.services.llm.base import ChatEvent, TextDelta
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.turns.hearing import Word
from tests.adapters.stubs.leaks import counted
from tests.session.calls import Call, call
from tests.session.test_client_events import script, typed
from tests.session.test_responses import create

GONE = ServiceFailed("llm", "gone")
SORRY = "Sorry, say that again."


def failing(
    reply: list[ChatEvent | ServiceError],
    apology: str = "spoken",
    synthesizer: ScriptedSynthesizer | None = None,
) -> Call:
    session = Session.model_validate({"apology": apology, "apology_text": SORRY})
    return call(
        14,
        speech=[(1.0, 2.0)],
        words=[Word("hello", 1.2)],
        chat=ScriptedChat([reply]),
        synthesizer=synthesizer,
        settings=Settings(session=session),
        rtc_events=True,
    )


def transcript(made: Call) -> str:
    done = made.event("response.done").response
    assert done.status == "failed"
    return "".join(part.transcript for item in done.output for part in item.content)


def said(made: Call) -> list[str]:
    return [word for voice in made.synthesizer.voices for word in voice.said]


def test_a_reply_that_fails_before_its_first_word_is_an_apology() -> None:
    made = failing([GONE])
    assert transcript(made) == SORRY
    assert said(made) == ["Sorry,", "say", "that", "again."]
    assert made.event("rtc.heard", -1).text == SORRY


def test_the_apology_follows_what_was_said_already() -> None:
    made = failing([TextDelta("Well "), TextDelta("then "), GONE])
    assert transcript(made) == f"Well then — {SORRY}"
    assert made.event("rtc.heard", -1).text == f"Well then — {SORRY}"


def test_an_apology_that_is_only_written_makes_no_sound() -> None:
    made = failing([GONE], "written")
    assert transcript(made) == SORRY
    assert said(made) == []
    assert made.wire.heard == []


def test_without_an_apology_the_response_just_fails() -> None:
    made = failing([GONE], "off")
    assert transcript(made) == ""
    assert made.wire.heard == []


def test_a_voice_without_a_sound_has_failed_and_is_counted() -> None:
    before = counted("rtc_service_failures_total", service="tts", reason="failed")
    made = failing([TextDelta("One two. ")], synthesizer=ScriptedSynthesizer(seconds_per_word=0.0))
    assert made.event("response.done").response.status == "failed"
    assert counted("rtc_service_failures_total", service="tts", reason="failed") == before + 2


def test_a_voice_that_broke_is_tried_once_more() -> None:
    made = failing(
        [TextDelta("One two three ")], synthesizer=ScriptedSynthesizer(break_after_words=2)
    )
    assert transcript(made) == f"One two three — {SORRY}"
    assert made.event("rtc.heard", -1).text == "One two — Sorry, say"  # it breaks there again
    assert len(made.synthesizer.voices) == 2
    assert all(voice.closed for voice in made.synthesizer.voices)


def test_a_voice_that_is_not_there_is_not_waited_for_again() -> None:
    down = ScriptedSynthesizer(refuse=ServiceUnavailable("tts", "nobody there"))
    assert transcript(failing([TextDelta("One two ")], synthesizer=down)) == SORRY
    assert down.asked == 2  # ahead of need, and in need


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_written_response_has_no_apology(modality: str) -> None:
    """It is a program that reads it."""
    made = call(
        6,
        events=script((1, typed("hi")), (1, create(output_modalities=[modality]))),
        chat=ScriptedChat([[GONE]]),
    )
    assert bool(made.event("response.done").response.output) == (modality == "audio")
