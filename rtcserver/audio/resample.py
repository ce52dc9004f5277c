"""Change the sample rate of a mono stream without a seam between chunks."""

from typing import Literal

import av
import numpy as np
from av.filter import Graph

from rtcserver.audio.format import Samples


class FrameResampler:
    """FFmpeg's frames in, all of one shape; mono frames at another rate out.

    av.AudioResampler would do it too, but starts a thread per core for each stream.
    """

    def __init__(self, to_hz: int, sample_format: Literal["s16", "flt"] = "s16") -> None:
        self._to_hz, self._format = to_hz, sample_format
        self._graph: Graph | None = None

    def push(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        if self._graph is None:
            self._graph = self._graph_from(frame)
        self._graph.push(frame)
        return pull(self._graph)

    def flush(self) -> list[av.AudioFrame]:
        """What the filter kept back. Nothing can be pushed after it."""
        if self._graph is None:
            return []
        self._graph.push(None)
        return pull(self._graph)

    def _graph_from(self, frame: av.AudioFrame) -> Graph:
        graph = Graph()
        graph.threads = 1  # none but the caller's
        source = graph.add(
            "abuffer",
            sample_rate=str(frame.sample_rate),
            sample_fmt=frame.format.name,
            channel_layout=frame.layout.name,
        )
        wanted = graph.add(
            "aformat",
            sample_rates=str(self._to_hz),
            sample_fmts=self._format,
            channel_layouts="mono",
        )
        graph.link_nodes(source, wanted, graph.add("abuffersink")).configure()
        return graph


def pull(graph: Graph) -> list[av.AudioFrame]:
    """All that comes out of a filter graph for what was pushed so far."""
    frames: list[av.AudioFrame] = []
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):  # it wants more first, or has ended
            return frames
        assert isinstance(frame, av.AudioFrame)
        frames.append(frame)


class Resampler:
    """Mono int16 at one rate in, at another out. Keeps the filter's state between pushes."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._same = from_hz == to_hz
        self._resampler = FrameResampler(to_hz)

    def push(self, samples: Samples) -> Samples:
        """Whatever can be said so far; the filter keeps back up to a millisecond or two."""
        if self._same or not len(samples):
            return samples
        return join(self._resampler.push(as_frame(samples, self._from_hz)))

    def flush(self) -> Samples:
        """What the filter kept back. Nothing can be pushed after it."""
        return join(self._resampler.flush())


def as_frame(samples: Samples, rate_hz: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="mono"
    )
    frame.sample_rate = rate_hz
    return frame


def join(frames: list[av.AudioFrame]) -> Samples:
    """The samples of packed mono s16 frames, in one array."""
    arrays = [frame.to_ndarray().reshape(-1).astype(np.int16, copy=False) for frame in frames]
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int16)
