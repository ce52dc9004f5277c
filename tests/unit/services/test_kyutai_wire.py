import struct

import msgspec
import numpy as np
import pytest

from rtcserver.services import kyutai_wire as wire


def packed(pcm: list[float]) -> bytes:
    """What a generic msgpack packer with single floats makes, written out after its spec."""
    head = b"\x82" + b"\xa4type" + b"\xa5Audio" + b"\xa3pcm"
    n = len(pcm)
    if n < 16:
        array = struct.pack(">B", 0x90 + n)
    elif n < 65536:
        array = struct.pack(">BH", 0xDC, n)
    else:
        array = struct.pack(">BI", 0xDD, n)
    return head + array + b"".join(struct.pack(">Bf", 0xCA, x) for x in pcm)


@pytest.mark.parametrize("n", [0, 1, 15, 16, 1920, 65535, 65536])
def test_audio_is_packed_byte_for_byte(n: int) -> None:
    samples = np.random.default_rng(n).integers(-32768, 32768, n).astype(np.int16)
    raw = wire.pack_audio(samples)
    assert raw == packed([int(s) / 32768 for s in samples])
    assert msgspec.msgpack.decode(raw)["type"] == "Audio"


def test_a_frame_takes_9619_bytes() -> None:
    assert len(wire.pack_audio(np.zeros(1920, np.int16))) == 9619


@pytest.mark.parametrize("n", [0, 3, 1920, 70000])
def test_audio_comes_back_as_it_went(n: int) -> None:
    samples = np.random.default_rng(n).integers(-32768, 32768, n).astype(np.int16)
    got = wire.read_tts(wire.pack_audio(samples))
    assert isinstance(got, np.ndarray)
    assert got.dtype == np.int16
    assert (got == samples).all()


def test_audio_of_wide_floats_is_read_too() -> None:
    got = wire.read_tts(msgspec.msgpack.encode({"type": "Audio", "pcm": [0.5, -1.0] * 20}))
    assert isinstance(got, np.ndarray)
    assert got.tolist() == [16384, -32768] * 20


def test_audio_out_of_range_is_clipped() -> None:
    got = wire.read_tts(packed([2.0, -2.0, float("nan"), float("inf")] * 4))
    assert isinstance(got, np.ndarray)
    assert got.tolist() == [32767, -32768, -32768, 32767] * 4


def test_markers_and_text_are_packed() -> None:
    assert msgspec.msgpack.decode(wire.pack_marker(7)) == {"type": "Marker", "id": 7}
    assert msgspec.msgpack.decode(wire.pack_text("hé")) == {"type": "Text", "text": "hé"}
    assert wire.EOS == b"\x81\xa4type\xa3Eos"


def test_stt_messages_are_read() -> None:
    def read(**message: object) -> object:
        return wire.read_stt(msgspec.msgpack.encode(message))

    assert wire.read_stt(b"\x81\xa4type\xa5Ready") == wire.Ready()
    assert read(type="Word", text="hi", start_time=1) == wire.Word("hi", 1.0)
    assert read(type="EndWord", stop_time=0.5) == wire.EndWord(0.5)
    assert read(type="Marker", id=-1) == wire.Marker(-1)
    assert read(type="Error", message="no free channels") == wire.Error("no free channels")
    assert read(type="Step", step_idx=9, prs=[0.25, 1], buffered_pcm=0) == wire.Step((0.25, 1.0))


def test_messages_of_a_newer_server_are_passed_over() -> None:
    assert wire.read_stt(msgspec.msgpack.encode({"type": "Partial", "text": "x"})) is None
    assert wire.read_tts(msgspec.msgpack.encode({"type": "Mood", "joy": 1})) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xff",
        b"hello",
        msgspec.msgpack.encode([1, 2]),
        msgspec.msgpack.encode({"no": "type"}),
        msgspec.msgpack.encode({"type": "Word", "text": 5}),
        msgspec.msgpack.encode({"type": "Audio", "pcm": "loud"}),
        wire.pack_audio(np.zeros(1920, np.int16))[:-1],
    ],
)
def test_garbage_is_told_from_news(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wire.read_tts(raw) if b"Audio" in raw else wire.read_stt(raw)
