"""P(speech) of every 32 ms, by the Silero v6 model that ships inside faster-whisper."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import FrameResampler

_RATE_HZ = 16_000
_WINDOW = 512  # 32 ms at 16 kHz: the only window the model takes
_CONTEXT = 64  # each window is seen behind the last 4 ms of the one before
_QUIET_RMS = 1e-3  # -60 dBFS
_FORGET_AFTER = 16  # quiet windows (0.5 s) after which what was said before no longer matters
_STILL = np.zeros((1, 1, 128), np.float32)  # the model's state before it heard anything


@cache
def _model() -> onnxruntime.InferenceSession:
    """One per process, without state of a call. Importing faster_whisper would take 0.8 s."""
    package = find_spec("faster_whisper")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("faster_whisper, whose assets hold the Silero model")
    path = Path(package.submodule_search_locations[0], "assets", "silero_vad_v6.onnx")
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


class SileroVad:
    """One caller's detector; keeps the model's state between pushes. About 0.1 ms per window."""

    def __init__(self) -> None:
        self._model = _model()
        self._to_16k = FrameResampler(_RATE_HZ, "flt")
        self._rest = np.zeros(0, np.float32)
        self._quiet = 0
        self._h = self._c = _STILL
        self._context = np.zeros(_CONTEXT, np.float32)

    def push(self, chunk: Samples) -> list[float]:
        """Any number of 24 kHz samples in; one P(speech) out per 32 ms window completed."""
        samples = np.concatenate((self._rest, self._resample(chunk)))
        whole = len(samples) - len(samples) % _WINDOW
        self._rest = samples[whole:]
        return [self._probability(window) for window in samples[:whole].reshape(-1, _WINDOW)]

    def _resample(self, chunk: Samples) -> NDArray[np.float32]:
        if not len(chunk):
            return np.zeros(0, np.float32)
        frame = av.AudioFrame.from_ndarray(chunk.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        parts = [part.to_ndarray()[0] for part in self._to_16k.push(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _probability(self, window: NDArray[np.float32]) -> float:
        if np.sqrt(np.mean(window * window)) < _QUIET_RMS:
            self._quiet += 1
            if self._quiet == _FORGET_AFTER:
                self._h = self._c = _STILL
            return 0.0
        self._quiet = 0
        seen = np.concatenate((self._context, window))[None]
        found, self._h, self._c = self._model.run(None, {"input": seen, "h": self._h, "c": self._c})
        self._context = window[-_CONTEXT:]
        return float(found.reshape(-1)[0])
