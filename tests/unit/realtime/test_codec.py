import json

import pytest

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ABSENT
from rtcserver.realtime.codec import dump_event, parse_client_event, parse_session
from rtcserver.realtime.events.conversation import ConversationItemAdded
from rtcserver.realtime.events.session import SessionUpdate, SessionUpdated
from rtcserver.realtime.items import InputAudio, Message
from rtcserver.realtime.merge import merge
from rtcserver.realtime.session_object import (
    Audio,
    AudioInput,
    RealtimeSession,
    ServerVad,
)

DEEP = '{"a":' * 9_999 + "1" + "}" * 9_999


def update(session: str) -> RealtimeSession:
    event = parse_client_event(f'{{"type":"session.update","session":{session}}}')
    assert isinstance(event, SessionUpdate)
    return event.session


def test_absent_and_null_are_different() -> None:
    assert update("{}").audio is ABSENT
    audio = update('{"audio":{"input":{"turn_detection":null}}}').audio
    assert isinstance(audio, Audio)
    assert isinstance(audio.input, AudioInput)
    assert audio.input.turn_detection is None
    assert audio.input.format is ABSENT


def test_an_update_merges_deeply_but_replaces_turn_detection_as_one() -> None:
    base = update('{"audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.9}}}}')
    changes = update('{"audio":{"input":{"turn_detection":{"type":"server_vad"}}},"model":"m"}')
    merged = merge(merge(base, update('{"audio":{"output":{"voice":"v"}}}')), changes)
    assert merged.model == "m"
    assert isinstance(merged.audio, Audio)
    assert isinstance(merged.audio.input, AudioInput)
    assert merged.audio.input.turn_detection == ServerVad()
    assert json.loads(dump_event(SessionUpdated(session=merged)))["session"]["audio"]["output"] == {
        "voice": "v"
    }


def test_a_session_keeps_the_id_it_was_given() -> None:
    assert merge(RealtimeSession(id="sess_1"), update('{"id":"sess_mine"}')).id == "sess_1"


def test_fields_from_the_future_are_ignored() -> None:
    assert update('{"flux_capacitor":1.21}') == RealtimeSession()


@pytest.mark.parametrize(
    ("text", "code", "param", "event_id"),
    [
        ("{", "invalid_json", None, None),
        (b"\xff", "invalid_json", None, None),
        (b'{"type":"session.update","session":{"model":"\xff"}}', "invalid_json", None, None),
        (
            f'{{"type":"session.update","session":{{"prompt":{DEEP}}}}}',
            "invalid_json",
            None,
            None,
        ),
        ("[]", "invalid_event", None, None),
        ('{"type":"no.such","event_id":"e1"}', "invalid_value", "type", "e1"),
        ('{"type":7}', "invalid_value", "type", None),
        ('{"type":"session.update"}', "missing_required_parameter", "session", None),
        (
            '{"type":"session.update","event_id":"e2","session":'
            '{"audio":{"input":{"turn_detection":{"type":"server_vad","threshold":7}}}}}',
            "invalid_value",
            "session.audio.input.turn_detection.threshold",
            "e2",
        ),
        (
            '{"type":"session.update","session":{"output_modalities":["audio","text"]}}',
            "invalid_value",
            "session.output_modalities",
            None,
        ),
        (
            '{"type":"conversation.item.create","item":'
            '{"type":"message","role":"user","content":[{"type":"input_text"}]}}',
            "missing_required_parameter",
            "item.content[0].text",
            None,
        ),
        (
            '{"type":"conversation.item.truncate","item_id":"i","audio_end_ms":-1}',
            "invalid_value",
            "audio_end_ms",
            None,
        ),
        (
            '{"type":"input_audio_buffer.append","audio":5}',
            "invalid_value",
            "audio",
            None,
        ),
    ],
)
def test_a_wrong_event_is_refused_by_field(
    text: str | bytes, code: str, param: str | None, event_id: str | None
) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_client_event(text)
    error = caught.value
    assert (error.code, error.param, error.event_id) == (code, param, event_id)


def test_a_wrong_session_of_a_request_is_refused_by_field() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_session(b'{"tools":[{"type":"function"}]}')
    assert caught.value.param == "session.tools[0].name"


def test_a_user_item_says_null_until_it_is_understood() -> None:
    """agents-js throws when the transcript is missing, and passes null."""
    item = Message(id="i", role="user", content=(InputAudio(),))
    event = json.loads(dump_event(ConversationItemAdded(previous_item_id=None, item=item)))
    assert event["previous_item_id"] is None
    assert event["item"]["content"] == [{"type": "input_audio", "transcript": None}]


def test_a_session_too_deep_to_read_is_refused() -> None:
    with pytest.raises(ProtocolError, match="too deep") as caught:
        parse_session(f'{{"prompt":{DEEP}}}')
    assert caught.value.param == "session"
