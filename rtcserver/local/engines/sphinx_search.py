"""One search of PocketSphinx over an utterance: for free speech, or for phrases of a grammar."""

from collections.abc import Sequence
from typing import Any

from pocketsphinx import Decoder

from rtcserver.local.cepstral_mean import Mean
from rtcserver.local.stt_words import HeardWord

_FRAME_SEC = 0.01
# Bounded per frame: noise would make it four times slower. The second pass over the sound
# ("fwdflat") is left out, as it takes 30 ms for each second when the utterance is over; the third
# ("bestpath"), over the lattice of words, takes 6 ms and mends half of the errors.
_FAST = {
    "fwdflat": False,
    "bestpath": True,
    "maxhmmpf": 3_000,
    "maxwpf": 10,
    "pl_window": 5,
    "topn": 2,
    "loglevel": "FATAL",
}
_PHRASES, _PROBE = "phrases", "probe"
_ONE_WORD = "#JSGF V1.0; grammar probe; public <probe> = a;"  # next to nothing to search for


class Search:
    """Of one caller; utterances follow each other from `begin` to `end`."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def begin(self, mean: Mean) -> None:
        """Start an utterance whose cepstral mean is known."""
        self._decoder.set_cmn(",".join(f"{part:.2f}" for part in mean))
        self._decoder.start_utt()

    def push(self, pcm: bytes) -> None:
        self._decoder.process_raw(pcm)

    def end(self) -> None:
        """No more sound: the guess is final."""
        self._decoder.end_utt()

    def words(self, start_s: float) -> list[HeardWord]:
        """The best guess so far; the utterance starts at `start_s`."""
        return [
            HeardWord(
                segment.word.partition("(")[0],  # "the(2)" is the second way to say "the"
                start_s + segment.start_frame * _FRAME_SEC,
                start_s + (segment.end_frame + 1) * _FRAME_SEC,
            )
            for segment in self._spoken()
        ]

    def sounds(self) -> list[str]:
        """The phones of the best guess, as the dictionary writes them: "T UW" for "two"."""
        spoken = (self._decoder.lookup_word(segment.word) for segment in self._spoken())
        return [phone for phones in spoken for phone in phones.split()]

    def _spoken(self) -> list[Any]:
        """Segments but silence, noise and sentence marks."""
        return [segment for segment in self._decoder.seg() or () if segment.word[0] not in "<[+"]


class FreeSearch(Search):
    """For any English words."""

    def __init__(self, rate_hz: int) -> None:
        super().__init__(Decoder(samprate=rate_hz, **_FAST))


class PhraseSearch(Search):
    """For what `grammar` (JSGF) can make; three times faster."""

    def __init__(self, rate_hz: int, grammar: str) -> None:
        decoder = Decoder(samprate=rate_hz, lm=None, **_FAST)
        decoder.add_jsgf_string(_PROBE, _ONE_WORD)
        decoder.add_jsgf_string(_PHRASES, grammar)
        decoder.activate_search(_PHRASES)
        super().__init__(decoder)

    def moved(self, mean: Mean, pcm: bytes) -> tuple[Sequence[float], int]:
        """Where PocketSphinx moves the cepstral mean because of `pcm`, between two utterances;
        and for how many frames."""
        self._decoder.activate_search(_PROBE)
        self.begin(mean)
        self.push(pcm)
        frames = self._decoder.n_frames()
        moved = [float(part) for part in self._decoder.get_cmn(True).split(",")]
        self.end()
        self._decoder.activate_search(_PHRASES)
        return moved, frames

    def complete(self) -> bool:
        """Whether a phrase may end with the last word; PocketSphinx often does not care."""
        words = " ".join(word.text for word in self.words(0.0))
        return bool(words) and bool(self._decoder.get_fsg(_PHRASES).accept(words))
