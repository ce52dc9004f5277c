"""Speak faster or slower without a change of pitch."""

import av
from av.filter import Graph

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import as_frame, join, pull

# The filter lets a piece out once it has filled it: small ones keep little back.
_PIECE = SAMPLE_RATE // 50
# FFmpeg's atempo takes no slower pace in one step: https://ffmpeg.org/ffmpeg-filters.html#atempo
_SLOWEST_STEP = 0.5


class Stretcher:
    """Samples in, the same sound at `speed` times the pace out."""

    def __init__(self, speed: float) -> None:
        self._graph = _graph(speed)

    def push(self, samples: Samples) -> Samples:
        """Whatever can be said so far; the filter keeps back up to 0.1 s of the samples."""
        frames: list[av.AudioFrame] = []
        for start in range(0, len(samples), _PIECE):
            self._graph.push(as_frame(samples[start : start + _PIECE], SAMPLE_RATE))
            frames += pull(self._graph)
        return join(frames)

    def flush(self) -> Samples:
        """What the filter kept back. Nothing can be pushed after it."""
        self._graph.push(None)
        return join(pull(self._graph))


def _graph(speed: float) -> Graph:
    graph = Graph()
    graph.threads = 1  # none but the caller's
    nodes = [
        graph.add("abuffer", sample_rate=str(SAMPLE_RATE), sample_fmt="s16", channel_layout="mono")
    ]
    while speed < _SLOWEST_STEP:
        nodes.append(graph.add("atempo", str(_SLOWEST_STEP)))
        speed /= _SLOWEST_STEP
    nodes += [graph.add("atempo", str(speed)), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    return graph
