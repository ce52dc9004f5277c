"""A client asks for a voice that the operator has not listed."""

from typing import Any

from rtcserver.config import Settings, Tts
from tests.session.calls import call
from tests.session.test_client_events import script, typed

LISTED = Settings(tts=Tts(voices=("en/alice.wav",)))


def wish(voice: str) -> dict[str, Any]:
    return {"audio": {"output": {"voice": voice}}}


def test_it_is_refused_and_the_call_goes_on_with_the_voice_it_had() -> None:
    update = {"type": "session.update", "event_id": "mine", "session": wish("marin")}
    events = script((1, update), (2, typed("hi")), (2, {"type": "response.create"}))
    made = call(8, events=events, settings=LISTED)
    error = made.event("error").error
    assert (error.param, error.event_id) == ("session.audio.output.voice", "mine")
    assert "session.updated" not in made.types
    assert [voice.name for voice in made.synthesizer.voices] == ["default"]


def test_it_is_refused_for_a_single_response_too() -> None:
    create = {"type": "response.create", "response": wish("marin")}
    made = call(3, events=script((1, create)), settings=LISTED)
    assert made.event("error").error.param == "response.audio.output.voice"
    assert "response.created" not in made.types


def test_a_listed_one_speaks() -> None:
    create = {"type": "response.create", "response": wish("en/alice.wav")}
    made = call(8, events=script((1, typed("hi")), (1, create)), settings=LISTED)
    assert [voice.name for voice in made.synthesizer.voices] == ["en/alice.wav"]
