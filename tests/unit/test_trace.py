import json
import stat
from pathlib import Path

import pytest

from rtcserver import trace
from rtcserver.errors import ConfigError
from rtcserver.log import during_call
from rtcserver.realtime.codec import parse_client_event
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferCleared


def test_what_goes_over_the_wires_is_written_down_with_its_call(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    with trace.into(file), during_call("rtc_1"):
        trace.received(parse_client_event('{"type":"input_audio_buffer.clear","event_id":"e"}'))
        trace.sent(InputAudioBufferCleared(event_id="event_1"))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["call_id"], line["to"]) for line in lines] == [
        ("rtc_1", "server"),
        ("rtc_1", "client"),
    ]
    assert lines[1]["event"] == {"type": "input_audio_buffer.cleared", "event_id": "event_1"}


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with trace.into(tmp_path / "events.jsonl"):
        pass
    assert stat.S_IMODE((tmp_path / "events.jsonl").stat().st_mode) == 0o600


def test_a_file_goes_on_where_it_was(tmp_path: Path) -> None:
    for _ in range(2):
        with trace.into(tmp_path / "events.jsonl"):
            trace.sent(InputAudioBufferCleared())
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 2


def test_a_file_that_cannot_be_written_is_told_by_the_setting(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"log\.events_file = .*Is a directory"),
        trace.into(tmp_path),
    ):
        pass
