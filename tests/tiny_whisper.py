"""Build real Whisper models for CTranslate2 that nobody has trained, 2 MB each, without a network.

A decoder of one layer reads a text off its own last token (a table of what follows what). Where
it is `gated`, it also looks at one place of the audio, by attention on codes of positions: word k
comes only if there is sound in the middle of the k-th `WORD_S` of the audio. So more audio is more
words, silence is none, and the real alignment finds each word where it was "said".
"""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from ctranslate2.specs import whisper_spec
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

COUNT = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
WORD_S = 0.3

_WIDTH, _MELS, _PLACES = 128, 80, 1_500  # an encoder's frame is 20 ms
_TOKEN, _PLACE = slice(0, 80), slice(80, 120)
_LOUD, _HEARD = 120, 121  # how loud the encoder's frame is; how loud the one looked at is
_TAIL = 1_400  # 28 s: silent in any utterance, where tokens look that wait for nothing
_LOUD_ENOUGH = 0.25
_SURE = 0.5
_SPECIAL = (
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>"),
    *("<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
)
_STAMPS = tuple(f"<|{tick * 0.02:.2f}|>" for tick in range(1_501))
_BEGINNINGS = ("<|notimestamps|>", "<|0.00|>")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tiny:
    """What a model says."""

    text: str = COUNT
    """Each word may come once."""
    gated: bool = True
    loops: bool = False
    """After the last word comes the first again, without an end."""
    sure: bool = True
    """Unsure, it gives each of its words a probability of 0.03."""
    no_speech: bool = False
    """It thinks that it has heard none."""
    random: bool = False
    """Nothing of the above: noise in all its weights."""

    def save(self, folder: Path) -> Path:
        words = [f"Ġ{word}" for word in self.text.split()]
        assert len(set(words)) == len(words)
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        texts = alphabet + [word for word in words if word not in alphabet]
        tokens = (*texts, *_SPECIAL, *_STAMPS)
        spec = _blank(np.random.default_rng(1) if self.random else None, len(tokens))
        if not self.random:
            _listen(spec)
            self._recite(spec, {token: number for number, token in enumerate(tokens)}, words)
        _save(spec, tokens, folder)
        _tokenizer(texts).save(str(folder / "tokenizer.json"))
        extractor = {"feature_size": _MELS, "sampling_rate": 16_000, "hop_length": 160}
        settings = json.dumps({**extractor, "chunk_length": 30, "n_fft": 400})
        (folder / "preprocessor_config.json").write_text(settings)
        return folder

    def _recite(
        self, spec: whisper_spec.WhisperSpec, ids: dict[str, int], words: list[str]
    ) -> None:
        """The table of what follows what, and where each token looks for the next word."""
        codes = np.random.default_rng(0).normal(size=(len(ids), 80)).astype(np.float32)
        codes -= codes.mean(1, keepdims=True)
        codes *= np.sqrt(40) / np.linalg.norm(codes, axis=1, keepdims=True)
        embeddings = _zeros(len(ids), _WIDTH)
        embeddings[:, _TOKEN] = codes
        embeddings[:, _PLACE] = _code(_TAIL)
        frames = WORD_S / 0.02
        looks = {start: 0.5 for start in _BEGINNINGS} | {
            word: number + 1.5 for number, word in enumerate(words)
        }
        for token, place in looks.items():
            embeddings[ids[token], _PLACE] = _code(place * frames)
        follows = [*((start, words[0]) for start in _BEGINNINGS), *pairwise(words)]
        follows.append((words[-1], words[0] if self.loops else "<|endoftext|>"))
        if self.no_speech:
            follows.append(("<|startoftranscript|>", "<|nospeech|>"))
        projection, bias = _zeros(len(ids), _WIDTH), np.full(len(ids), -5, np.float32)
        for token, following in follows:
            sureness = _SURE if self.sure or "<|" in following else _SURE / 5
            projection[ids[following], _TOKEN] += codes[ids[token]] * sureness
        if self.gated:  # the end comes as soon as the place looked at is silent
            end = ids["<|endoftext|>"]
            projection[end, _HEARD], bias[end] = -60, 60 * _LOUD_ENOUGH
        spec.decoder.embeddings.weight = embeddings
        spec.decoder.projection.weight = projection
        spec.decoder.projection.bias = bias


def _zeros(*shape: int) -> Floats:
    return np.zeros(shape, np.float32)


def _code(places: float | Floats) -> Floats:
    """Cosines and sines of 20 periods, 4 … 2048 frames: alike for near places, else unlike."""
    turns = np.outer(np.atleast_1d(places), 2 * np.pi / 2.0 ** np.linspace(2, 11, 20))
    return np.concatenate([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def _blank(dice: np.random.Generator | None, tokens: int) -> whisper_spec.WhisperSpec:
    """All weights zero, or random."""
    spec = whisper_spec.WhisperSpec(1, 1, 1, 1)

    def weights(*shape: int) -> Floats:
        return _zeros(*shape) if dice is None else dice.normal(0, 0.02, shape).astype(np.float32)

    def norm(layer: object) -> None:
        layer.gamma, layer.beta = np.ones(_WIDTH, np.float32), _zeros(_WIDTH)  # type: ignore[attr-defined]

    def linear(layer: object, out: int, into: int) -> None:
        layer.weight, layer.bias = weights(out, into), _zeros(out)  # type: ignore[attr-defined]

    def attention(layer: object, widths: tuple[int, ...]) -> None:
        norm(layer.layer_norm)  # type: ignore[attr-defined]
        for part, width in zip(layer.linear, widths, strict=True):  # type: ignore[attr-defined]
            linear(part, width * _WIDTH, _WIDTH)

    for side in (spec.encoder, spec.decoder):
        norm(side.layer_norm)
        (layer,) = side.layer
        attention(layer.self_attention, (3, 1))
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, 4 * _WIDTH, _WIDTH)
        linear(layer.ffn.linear_1, _WIDTH, 4 * _WIDTH)
    attention(spec.decoder.layer[0].attention, (1, 2, 1))
    for conv, into in ((spec.encoder.conv1, _MELS), (spec.encoder.conv2, _WIDTH)):
        conv.weight, conv.bias = weights(_WIDTH, into, 3), _zeros(_WIDTH)
    spec.encoder.position_encodings.encodings = weights(_PLACES, _WIDTH)
    spec.decoder.position_encodings.encodings = weights(448, _WIDTH)
    spec.decoder.embeddings.weight = weights(tokens, _WIDTH)
    spec.decoder.projection.weight = weights(tokens, _WIDTH)
    spec.decoder.projection.bias = _zeros(tokens)
    return spec


def _listen(spec: whisper_spec.WhisperSpec) -> None:
    """The encoder tells how loud each place is, and the decoder looks at the place it wants."""
    spec.encoder.conv1.weight[_LOUD] = 1 / (3 * _MELS)
    spec.encoder.conv2.weight[_LOUD, _LOUD] = 1 / 3
    spec.encoder.position_encodings.encodings[:, _PLACE] = _code(np.arange(_PLACES, dtype="f4"))
    query, key_and_value, out = spec.decoder.layer[0].attention.linear
    for place in range(_PLACE.start, _PLACE.stop):
        # Sharper, and the alignment divides by the spread of attention that is zero.
        query.weight[place, place], key_and_value.weight[place, place] = 4, 3
    key_and_value.weight[_WIDTH + _LOUD, _LOUD] = out.weight[_HEARD, _LOUD] = 1


def _save(spec: whisper_spec.WhisperSpec, tokens: tuple[str, ...], folder: Path) -> None:
    spec.register_vocabulary(list(tokens))
    spec.config.suppress_ids = [tokens.index(token) for token in _SPECIAL[1:]]
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index("<|en|>")]
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def _tokenizer(texts: list[str]) -> Tokenizer:
    words = Tokenizer(
        models.BPE(vocab={text: number for number, text in enumerate(texts)}, merges=[])
    )
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    special = [AddedToken(token, special=True, normalized=False) for token in _SPECIAL]
    words.add_special_tokens(special)
    words.add_tokens([AddedToken(stamp, normalized=False) for stamp in _STAMPS])
    return words
