"""Kyutai's messages, byte by byte."""

import struct

import msgspec
import numpy as np
import pytest

from rtcserver.audio.format import SAMPLES_PER_FRAME
from rtcserver.errors import ProtocolError
from rtcserver.local import kyutai_wire as wire


def audio_message(values: list[float], single: bool = True) -> bytes:
    tag, layout = (b"\xca", ">f") if single else (b"\xcb", ">d")
    array = b"\xdc" + struct.pack(">H", len(values))
    body = b"".join(tag + struct.pack(layout, value) for value in values)
    return b"\x82\xa4type\xa5Audio\xa3pcm" + array + body


def test_ready_is_the_map_of_one_entry() -> None:
    assert wire.READY == b"\x81\xa4type\xa5Ready"


def test_a_step_has_four_single_floats() -> None:
    message = wire.step(300, np.array([0.5, 0.25, 1, 0], np.float32), 1_920)
    assert message == (
        b"\x84\xa4type\xa4Step\xa8step_idx\xcd\x01\x2c"
        b"\xa3prs\x94\xca\x3f\x00\x00\x00\xca\x3e\x80\x00\x00\xca\x3f\x80\x00\x00\xca\x00\x00\x00\x00"
        b"\xacbuffered_pcm\xcd\x07\x80"
    )


def test_words_and_markers() -> None:
    decode = msgspec.msgpack.decode
    assert decode(wire.word("hi", 0.5)) == {"type": "Word", "text": "hi", "start_time": 0.5}
    assert decode(wire.end_word(0.75)) == {"type": "EndWord", "stop_time": 0.75}
    assert decode(wire.marker(-7)) == {"type": "Marker", "id": -7}
    assert decode(wire.error("why")) == {"type": "Error", "message": "why"}
    assert decode(wire.spoken("hi", 0.5, 1.0)) == {
        "type": "Text",
        "text": "hi",
        "start_s": 0.5,
        "stop_s": 1.0,
    }


def test_a_frame_of_audio_is_9619_bytes() -> None:
    frame = np.arange(SAMPLES_PER_FRAME, dtype=np.int16)
    message = wire.audio(frame)
    assert len(message) == 9_619
    assert message == audio_message([value / 32_768 for value in range(SAMPLES_PER_FRAME)])


@pytest.mark.parametrize("single", [True, False])
def test_audio_comes_in_as_16_bit(single: bool) -> None:
    message = audio_message([0.0, 0.5, -1.0, 2.0, float("nan"), float("-inf")], single)
    heard = wire.read_listened(message)
    assert isinstance(heard, np.ndarray)
    assert heard.dtype == np.int16
    assert heard.tolist() == [0, 16_384, -32_768, 32_767, 0, -32_768]


def test_audio_of_any_layout_is_understood() -> None:
    pcm = [0.5, 1, -0.25]  # a whole number may come as msgpack integer
    for message in ({"type": "Audio", "pcm": pcm}, {"pcm": pcm, "type": "Audio"}):
        heard = wire.read_listened(msgspec.msgpack.encode(message))
        assert isinstance(heard, np.ndarray)
        assert heard.tolist() == [16_384, 32_767, -8_192]


def test_what_else_a_recogniser_is_told() -> None:
    assert wire.read_listened(b"\x82\xa4type\xa6Marker\xa2id\x07") == wire.Marker(7)
    assert wire.read_listened(b"\x81\xa4type\xa4Init") == wire.Init()


def test_what_a_synthesizer_is_told() -> None:
    assert wire.read_spoken(b"\x82\xa4type\xa4Text\xa4text\xa2hi") == wire.Text("hi")
    assert wire.read_spoken(b"\x81\xa4type\xa3Eos") == wire.Eos()
    assert wire.read_spoken(b"\0") == wire.Eos()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"hello",
        b"\x81\xa4type\xa5Other",
        b"\x82\xa4type\xa6Marker\xa2id\xa1x",
        b"\x82\xa4type\xa5Audio\xa3pcm",
        b"\x82\xa4type\xa5Audio\xa3pcm\xdc\xff\xff\xca\x00\x00\x00\x00",
        b"\x82\xa4type\xa5Audio\xa3pcm\xdc\x00\x01\xca\x00",
        b"\x82\xa4type\xa4Text\xa4text\xa1\xff",
    ],
)
def test_nonsense_is_the_clients_fault(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        wire.read_listened(data)
    with pytest.raises(ProtocolError):
        wire.read_spoken(data)
