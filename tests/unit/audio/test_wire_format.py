import base64

import numpy as np
import pytest

from rtcserver.audio.format import Samples
from rtcserver.audio.wire_format import Decoder, Encoder, decode_base64
from rtcserver.errors import ProtocolError


def tone(seconds: float) -> Samples:
    t = np.arange(int(seconds * 24_000)) / 24_000
    return (8_000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)


def test_pcm_is_little_endian_both_ways() -> None:
    samples = np.array([1, -2, 256], dtype=np.int16)
    assert Encoder("audio/pcm").push(samples) == b"\x01\x00\xfe\xff\x00\x01"
    assert Decoder("audio/pcm").push(b"\x01\x00\xfe\xff\x00\x01").tolist() == [1, -2, 256]


def test_decoder_keeps_half_a_sample_for_the_next_push() -> None:
    decoder = Decoder("audio/pcm")
    assert decoder.push(b"\x01").tolist() == []
    assert decoder.push(b"\x00\xfe").tolist() == [1]
    assert decoder.push(b"\xff").tolist() == [-2]


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
def test_g711_survives_the_way_there_and_back(name: str) -> None:
    said, encoder, decoder = tone(1.0), Encoder(name), Decoder(name)
    wire = b"".join(encoder.push(said[at : at + 1_920]) for at in range(0, len(said), 1_920))
    wire += encoder.flush()
    assert len(wire) == pytest.approx(8_000, abs=16)
    heard = np.concatenate([decoder.push(wire[at : at + 161]) for at in range(0, len(wire), 161)])
    n = min(len(said), len(heard))
    error = heard[:n].astype(np.int32) - said[:n]
    assert np.sqrt(np.mean(error[500:-500] ** 2)) < 400  # companding noise, -23 dB below the tone


@pytest.mark.parametrize("make", [Encoder, Decoder])
def test_unknown_format_is_the_clients_fault(make: type[Encoder] | type[Decoder]) -> None:
    with pytest.raises(ProtocolError) as caught:
        make("audio/mp3")
    assert (caught.value.code, caught.value.param) == ("invalid_value", "format")


def test_base64_that_is_none_is_refused_naming_the_field() -> None:
    assert decode_base64(base64.b64encode(b"abc").decode()) == b"abc"
    for bad in ("a", "####", "YWJj\u00e4"):
        with pytest.raises(ProtocolError) as caught:
            decode_base64(bad)
        assert (caught.value.code, caught.value.param) == ("invalid_value", "audio")
