"""Find out by ear how far into a known text a recording goes."""

import re

import numpy as np
from pocketsphinx import Decoder

from rtcserver.audio.format import SAMPLE_RATE, Samples, silence
from rtcserver.audio.resample import Resampler

_RATE_HZ = 16_000
_MOST_WORDS = 60  # of the text that are looked at: building the grammar takes time
# The way through the grammar is known, and must not be lost in a noise or at a pause.
_THOROUGH = {
    "bestpath": False,
    "fwdflat": False,
    "beam": 1e-80,
    "wbeam": 1e-60,
    "pbeam": 1e-80,
    "fillprob": 1e-30,
}
_AROUND = silence(SAMPLE_RATE // 2)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def words_spoken(recording: Samples, text: str) -> int:
    """How many words of `text` the recording begins with, as a recogniser hears it that can
    understand nothing else. It knows neither clocks nor word times."""
    resampler = Resampler(SAMPLE_RATE, _RATE_HZ)
    padded = np.concatenate((_AROUND, recording, _AROUND))
    pcm = np.concatenate((resampler.push(padded), resampler.flush()))
    decoder = Decoder(lm=None, samprate=_RATE_HZ, loglevel="FATAL", **_THOROUGH)
    decoder.add_jsgf_string("prefix", _grammar(words(text)[:_MOST_WORDS]))
    decoder.activate_search("prefix")
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return len(hypothesis.hypstr.split()) if hypothesis else 0


def _grammar(expected: list[str]) -> str:
    """The first word, which the second may follow, which the third may follow …"""
    rules = [
        f"<word{number}> = {word} [<word{number + 1}>];"
        for number, word in enumerate(expected[:-1])
    ]
    rules.append(f"<word{len(expected) - 1}> = {expected[-1]};")
    return "\n".join(("#JSGF V1.0;", "grammar prefix;", f"public {rules[0]}", *rules[1:]))
