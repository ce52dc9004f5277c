"""Make voices of a few KB for Piper and Kokoro: real models for real packages, that only beep.

`python -m tests.tiny_voices FOLDER`. Each phoneme is a tone of its own pitch, of a length that the
model tells; spaces, marks and padding are silence.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

PIPER_RATE_HZ, PIPER_HOP = 22_050, 256
KOKORO_RATE_HZ, KOKORO_HOP = 24_000, 600
_SOUND_S, _SPACE_S = 0.07, 0.06
_SILENT = " .,:;!?…—-\"'()“”"
_UNHEARD = "^$_ˈˌ"  # bounds, padding and stress: no time of their own
_SYMBOLS = 256

# Frame j belongs to the id that as many others end before. Piper takes the lengths of the sounds
# from the one node that is a Ceil.
_SING = """
  told = Ceil(length)
  flat = Reshape(told, row)
  ends = CumSum(flat, zero)
  total = ReduceSum<keepdims=0>(flat)
  numbers = Range(first, total, step)
  column = Unsqueeze(numbers, one)
  past = LessOrEqual(ends, column)
  ones = Cast<to=7>(past)
  at = ReduceSum<keepdims=0>(ones, one)
  pitches = Gather(pitch, {ids})
  melody = Reshape(pitches, row)
  hz = Gather(melody, at)
  raised = Mul(hz, voice)
  tall = Unsqueeze(raised, one)
  phase = Mul(tall, time)
  tone = Sin(phase)
  soft = Mul(tone, gain)
  {audio} = Reshape(soft, shape)
"""
_PIPER = """
<ir_version: 8, opset_import: ["": 17]>
tiny (int64[1,T] input, int64[1] input_lengths, float[3] scales{speaker}) => (float[1,1,1,N] output)
{{
  {voice}
  scale = Slice(scales, one, two)
  each = Gather(frames, input)
  length = Mul(each, scale)
  {sing}
}}
"""
_OF_SPEAKER = """
  octave = Add(sid, one)
  voice = Cast<to=1>(octave)
"""
_KOKORO = """
<ir_version: 8, opset_import: ["": 17]>
tiny (int64[1,T] input_ids, float[1,256] style, float[1] speed)
=> (float[N] audio, int64[M] duration)
{{
  voice = ReduceMean<keepdims=0>(style)
  each = Gather(frames, input_ids)
  length = Div(each, speed)
  {sing}
  duration = Cast<to=7>(flat)
}}
"""


def piper_voice(
    folder: Path, speakers: Sequence[str] = (), phonemes: str = "espeak", tells_lengths: bool = True
) -> Path:
    """tiny.onnx and its JSON. The second speaker is an octave above the first."""
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    graph = _PIPER.format(
        speaker=", int64[1] sid" if speakers else "",
        voice=_OF_SPEAKER if speakers else "voice = Identity(step)",
        sing=_SING.format(ids="input", audio="output"),
    )
    if not tells_lengths:
        graph = graph.replace("Ceil", "Floor")
    ids = {phoneme: numbers[0] for phoneme, numbers in DEFAULT_PHONEME_ID_MAP.items()}
    path = folder / "tiny.onnx"
    _save(path, graph, ids, PIPER_RATE_HZ, PIPER_HOP, shape=(1, 1, 1, -1))
    about = {
        "audio": {"sample_rate": PIPER_RATE_HZ},
        "espeak": {"voice": "en-us"},
        "phoneme_type": phonemes,
        "num_symbols": _SYMBOLS,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": {name: number for number, name in enumerate(speakers)},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "hop_length": PIPER_HOP,
    }
    Path(f"{path}.json").write_text(json.dumps(about))
    return path


def kokoro_model(folder: Path, voices: Sequence[str] = ("af_heart",)) -> Path:
    """tiny.onnx and voices.bin. The second voice is an octave above the first."""
    from kokoro_onnx.config import DEFAULT_VOCAB

    path = folder / "tiny.onnx"
    graph = _KOKORO.format(sing=_SING.format(ids="input_ids", audio="audio"))
    _save(path, graph, DEFAULT_VOCAB, KOKORO_RATE_HZ, KOKORO_HOP, shape=(-1,))
    styles = [np.full((510, 1, 256), octave, np.float32) for octave in range(1, len(voices) + 1)]
    with (folder / "voices.bin").open("wb") as file:
        np.savez(file, **dict(zip(voices, styles, strict=True)))  # type: ignore[arg-type]
    return path


def _save(
    path: Path, graph: str, ids: Mapping[str, int], rate_hz: int, hop: int, shape: tuple[int, ...]
) -> None:
    frames, pitch = np.zeros(_SYMBOLS, np.float32), np.zeros(_SYMBOLS, np.float32)
    for phoneme, number in ids.items():
        length_s = _SPACE_S if phoneme == " " else _SOUND_S
        frames[number] = 0 if phoneme in _UNHEARD else round(length_s * rate_hz / hop)
        pitch[number] = 0 if phoneme in _SILENT else 2 * np.pi * (200 + 2 * number)
    tables = {
        "frames": frames,
        "pitch": pitch,
        "time": (np.arange(hop, dtype=np.float32) / rate_hz).reshape(1, hop),
        "gain": np.float32(0.2),
        "first": np.float32(0),
        "step": np.float32(1),
        "row": np.array([-1]),
        "shape": np.array(shape),
        "zero": np.array(0),
        "one": np.array([1]),
        "two": np.array([2]),
    }
    model = onnx.parser.parse_model(graph)
    for name, table in tables.items():
        if name in graph:  # one that no node takes is warned of
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(table), name))
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    for make in (piper_voice, kokoro_model):
        (own := Path(sys.argv[1]) / make.__name__).mkdir(parents=True, exist_ok=True)
        make(own)
