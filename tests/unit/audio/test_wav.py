import io
import wave

import numpy as np

from rtcserver.audio.wav import as_wav


def test_a_wav_file_holds_the_samples() -> None:
    samples = np.array([0, 1, -1, 32_767, -32_768], np.int16)
    with wave.open(io.BytesIO(as_wav(samples))) as file:
        assert file.getparams()[:4] == (1, 2, 24_000, 5)
        assert np.frombuffer(file.readframes(5), "<i2").tolist() == samples.tolist()
