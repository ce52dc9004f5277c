"""Recognise speech with PocketSphinx in one pass. Holds the GIL: only for processes of its own."""

from pocketsphinx import Decoder, set_loglevel

from rtcserver.local.stt_words import HeardWord

_FRAME_SEC = 0.01
# One pass, bounded per frame: noise would make it four times slower. Costs no accuracy on
# sentences said to an assistant, and the end of an utterance takes 3 ms instead of 70.
_FAST = {
    "fwdflat": False,
    "bestpath": False,
    "maxhmmpf": 3_000,
    "maxwpf": 10,
    "pl_window": 5,
    "topn": 2,
}


class Recogniser:
    """One caller's decoder: 91 MiB, of which a fork shares all but 25."""

    def __init__(self, rate_hz: int) -> None:
        set_loglevel("FATAL")
        self._decoder = Decoder(samprate=rate_hz, **_FAST)
        self._start_s: float | None = None

    def feed(self, pcm: bytes, start_s: float) -> None:
        """Mono 16-bit audio that continues the utterance, or starts one at `start_s`."""
        if self._start_s is None:
            self._start_s = start_s
            self._decoder.start_utt()
        self._decoder.process_raw(pcm)

    def words(self) -> list[HeardWord]:
        """The best guess of the utterance so far."""
        begin = self._start_s
        if begin is None:
            return []
        return [
            HeardWord(
                segment.word.partition("(")[0],  # "the(2)" is the second way to say "the"
                begin + segment.start_frame * _FRAME_SEC,
                begin + (segment.end_frame + 1) * _FRAME_SEC,
            )
            for segment in self._decoder.seg() or ()
            if segment.word[0] not in "<[+"  # silence, noise, sentence marks
        ]

    def end(self) -> list[HeardWord]:
        """Finish the utterance: all of its words."""
        if self._start_s is None:
            return []
        self._decoder.end_utt()
        words = self.words()
        self._start_s = None
        return words
