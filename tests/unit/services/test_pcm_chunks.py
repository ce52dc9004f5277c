import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.errors import ServiceFailed
from rtcserver.services.tts.pcm_chunks import PcmChunks

PCM = np.arange(-50, 50, dtype="<i2").tobytes()


def read(rate_hz: int, *chunks: bytes) -> list[int]:
    pcm = PcmChunks(rate_hz)
    parts = [pcm.push(chunk) for chunk in chunks]
    samples: list[int] = np.concatenate([*parts, pcm.end()]).tolist()
    return samples


@given(st.lists(st.integers(0, len(PCM)), max_size=12))
def test_chunks_may_be_cut_within_a_sample(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(PCM)]
    chunks = [PCM[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    assert read(24_000, *chunks) == list(range(-50, 50))


def test_half_a_sample_at_the_end_is_none() -> None:
    assert read(24_000, PCM + b"\x01") == list(range(-50, 50))


def test_another_rate_keeps_the_length_in_seconds() -> None:
    tone = (8_000 * np.sin(np.arange(22_050) / 20)).astype("<i2").tobytes()
    assert len(read(22_050, tone[:999], tone[999:])) == pytest.approx(24_000, abs=4)


@pytest.mark.parametrize(
    "file",
    [b"RIFF\x00\x00\x00\x00WAVE", b"ID3\x04", b"OggS\x00", b'{"error": 1}', b"\xff\xfb\x90d"],
)
def test_a_file_is_no_pcm_however_it_is_cut(file: bytes) -> None:
    with pytest.raises(ServiceFailed, match="no PCM"):
        read(24_000, file)
    with pytest.raises(ServiceFailed, match="no PCM"):
        read(24_000, file[:1], file[1:3], file[3:])
