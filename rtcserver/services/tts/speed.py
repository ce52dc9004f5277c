"""Measure how soon and how fast a voice speaks, where its audio arrives."""

from rtcserver import metrics
from rtcserver.audio.format import Samples, seconds
from rtcserver.timer import Stopwatch


class Speed:
    """Of one response."""

    def __init__(self) -> None:
        self._since_text: Stopwatch | None = None
        self._since_audio: Stopwatch | None = None
        self._samples = 0
        """After the first chunk."""
        self._took_s = 0.0

    def text_sent(self) -> None:
        self._since_text = self._since_text or Stopwatch()

    def audio_came(self, samples: Samples) -> None:
        metrics.TTS_AUDIO_SECONDS.inc(seconds(len(samples)))
        if self._since_audio is not None:
            self._samples += len(samples)
            self._took_s = self._since_audio.elapsed()
            return
        self._since_audio = Stopwatch()
        if self._since_text is not None:
            metrics.TTS_FIRST_AUDIO_SECONDS.observe(self._since_text.elapsed())

    def report(self) -> None:
        """The rate at which audio followed the first chunk, if any did."""
        if self._took_s > 0:
            metrics.TTS_REALTIME_FACTOR.observe(seconds(self._samples) / self._took_s)
