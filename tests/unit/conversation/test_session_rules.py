"""Which voices a client may ask for, where the operator has listed them."""

import pytest

from rtcserver.config import Session, Settings, Tts
from rtcserver.conversation.session_rules import check_response, check_session
from rtcserver.conversation.turn_rules import Limits
from rtcserver.errors import ProtocolError
from rtcserver.realtime.codec import parse_client_event, parse_session
from rtcserver.realtime.events.response import ResponseCreate
from rtcserver.session.defaults import limits

ALICE_OR_BOB = limits(
    Settings(session=Session(voice="en/carol.wav"), tts=Tts(voices=("en/alice.wav", "en/bob.wav"))),
    (),
)


def ask(voice: str, limits: Limits) -> None:
    """`voice` as it stands in JSON; in a session."""
    session = f'{{"type": "realtime", "audio": {{"output": {{"voice": {voice}}}}}}}'
    check_session(parse_session(session.encode()), limits)


def ask_once(voice: str, limits: Limits) -> None:
    """In a single response."""
    output = f'{{"audio": {{"output": {{"voice": {voice}}}}}}}'
    event = parse_client_event(f'{{"type": "response.create", "response": {output}}}')
    assert isinstance(event, ResponseCreate)
    check_response(event.response, limits)


@pytest.mark.parametrize("voice", ['"en/alice.wav"', '{"id": "en/bob.wav"}', '"en/carol.wav"'])
def test_listed_voices_and_the_operators_own_may_be_asked_for(voice: str) -> None:
    ask(voice, ALICE_OR_BOB)
    ask_once(voice, ALICE_OR_BOB)


@pytest.mark.parametrize(
    ("voice", "field"), [('"marin"', "voice"), ('{"id": "marin"}', "voice.id")]
)
def test_another_voice_is_refused_by_field_and_the_known_ones_are_told(
    voice: str, field: str
) -> None:
    known = "There is no voice 'marin'; known: en/carol.wav, en/alice.wav, en/bob.wav."
    with pytest.raises(ProtocolError) as refused:
        ask(voice, ALICE_OR_BOB)
    assert str(refused.value) == known
    assert refused.value.code == "invalid_value"
    assert refused.value.param == f"session.audio.output.{field}"
    with pytest.raises(ProtocolError) as refused:
        ask_once(voice, ALICE_OR_BOB)
    assert refused.value.param == f"response.audio.output.{field}"


def test_without_a_list_any_voice_may_be_asked_for() -> None:
    ask('"marin"', limits(Settings(), ()))


def test_what_says_nothing_of_a_voice_passes() -> None:
    check_session(parse_session(b'{"type": "realtime", "audio": {}}'), ALICE_OR_BOB)
    check_session(parse_session(b'{"type": "transcription"}'), ALICE_OR_BOB)
