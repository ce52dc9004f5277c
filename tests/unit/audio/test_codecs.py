import os
from collections.abc import Callable

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext

from rtcserver.audio import g711
from rtcserver.audio.format import Samples, silence
from rtcserver.audio.level import FLOOR_DBFS, dbfs
from rtcserver.audio.opus import (
    SAMPLES_PER_PACKET,
    SILENCE_PACKET,
    OpusDecoder,
    OpusEncoder,
)
from rtcserver.audio.resample import Resampler


def tone(hz: float, seconds: float, rate_hz: int = 24_000) -> Samples:
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    return (8_000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def loudest_hz(samples: Samples, rate_hz: int = 24_000) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum)) * rate_hz / len(samples)


EVERY_CODE = bytes(range(256))


def ffmpeg_decode(codec_name: str, data: bytes) -> list[int]:
    codec = av.CodecContext.create(codec_name, "r")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate = 8_000
    codec.layout = "mono"
    (frame,) = codec.decode(av.Packet(data))
    return [int(sample) for sample in frame.to_ndarray().reshape(-1)]


def test_g711_decodes_every_code_as_ffmpeg_does() -> None:
    assert g711.mulaw_decode(EVERY_CODE).tolist() == ffmpeg_decode("pcm_mulaw", EVERY_CODE)
    assert g711.alaw_decode(EVERY_CODE).tolist() == ffmpeg_decode("pcm_alaw", EVERY_CODE)


@pytest.mark.parametrize(
    ("encode", "codes"),
    [
        # ITU-T G.711 tables 1 and 2: both ends, both zeros, and a decision value of each.
        (g711.mulaw_encode, "00 00 7f ff fe 80 80"),
        (g711.alaw_encode, "2a 2a 55 d5 d5 aa aa"),
    ],
)
def test_g711_encodes_the_corner_values_of_the_standard(
    encode: Callable[[Samples], bytes], codes: str
) -> None:
    corners = np.array([-32_768, -32_636, -1, 0, 4, 32_635, 32_767], dtype=np.int16)
    assert encode(corners).hex(" ") == codes


def test_g711_gives_back_every_code_it_decoded() -> None:
    assert g711.alaw_encode(g711.alaw_decode(EVERY_CODE)) == EVERY_CODE
    minus_zero = 0x7F  # mu-law has two zeros; the positive one is the one to send
    expected = EVERY_CODE.replace(bytes([minus_zero]), b"\xff")
    assert g711.mulaw_encode(g711.mulaw_decode(EVERY_CODE)) == expected


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8_000, 24_000), (24_000, 8_000), (48_000, 24_000)])
def test_resampler_keeps_pitch_and_length_across_odd_chunks(from_hz: int, to_hz: int) -> None:
    said = tone(440, 1.0, from_hz)
    resampler = Resampler(from_hz, to_hz)
    chunks = [resampler.push(said[at : at + 997]) for at in range(0, len(said), 997)]
    heard = np.concatenate([*chunks, resampler.flush()])
    assert len(heard) == pytest.approx(to_hz, abs=to_hz // 500)
    assert loudest_hz(heard, to_hz) == pytest.approx(440, abs=2)
    # A seam would show as a step: a 440 Hz tone of this loudness moves less than this a sample.
    middle = heard[200:-200].astype(np.int32)
    assert np.max(np.abs(np.diff(middle))) < 8_000 * 2 * np.pi * 440 / to_hz * 1.1


def test_resampler_of_equal_rates_hands_samples_through() -> None:
    samples = tone(440, 0.1)
    resampler = Resampler(24_000, 24_000)
    assert resampler.push(samples) is samples
    assert len(resampler.flush()) == 0


def test_opus_carries_a_tone() -> None:
    said, encoder, decoder = tone(440, 1.0), OpusEncoder(), OpusDecoder()
    packets = [encoder.encode(said[at : at + 480]) for at in range(0, len(said), 480)]
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    assert len(heard) == pytest.approx(24_000, abs=48)
    assert loudest_hz(heard) == pytest.approx(440, abs=2)
    assert dbfs(heard) == pytest.approx(dbfs(said), abs=1)
    assert sum(map(len, packets)) * 8 < 60_000


def test_opus_silence_packet_is_what_the_encoder_makes_of_silence() -> None:
    assert OpusEncoder().encode(silence(SAMPLES_PER_PACKET)) == SILENCE_PACKET


def test_opus_decoder_survives_broken_and_empty_packets() -> None:
    decoder, packet = OpusDecoder(), OpusEncoder().encode(tone(440, 0.02))
    for bad in (b"", b"\xff", b"\xff" * 2_000):
        decoder.decode(bad)
    assert len(decoder.decode(packet)) > 400


def test_opus_encoder_wants_whole_packets() -> None:
    with pytest.raises(ValueError, match="480"):
        OpusEncoder().encode(silence(479))


def test_level_of_silence_full_scale_and_a_sine() -> None:
    assert dbfs(silence(100)) == FLOOR_DBFS
    assert dbfs(silence(0)) == FLOOR_DBFS
    assert dbfs(np.full(100, -32_768, dtype=np.int16)) == pytest.approx(0, abs=0.01)
    assert dbfs(tone(1_000, 0.1)) == pytest.approx(20 * np.log10(8_000 / 32_768) - 3.01, abs=0.05)


def test_a_resampler_starts_no_thread() -> None:
    """FFmpeg's default is one for each core of the machine, for each stream of each call."""
    before = len(os.listdir("/proc/self/task"))
    resamplers = [Resampler(24_000, 16_000) for _ in range(10)]
    for resampler in resamplers:
        resampler.push(np.ones(480, np.int16))
    assert len(os.listdir("/proc/self/task")) == before
