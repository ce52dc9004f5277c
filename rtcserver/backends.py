"""Every speech and language service that can be put in, by the scheme of its address."""

from dataclasses import dataclass
from typing import Literal

Service = Literal["stt", "llm", "tts"]


@dataclass(frozen=True, slots=True)
class Backend:
    """A row of docs/services.md.

    `embedded`: a child process of ours, whose address names a model or a voice, not a host.
    """

    service: Service
    schemes: tuple[str, ...]
    name: str
    example: str
    protocol: str
    takes: str
    """What it is handed at a time."""
    word_times: str
    latency: str
    """From what to what the wait for its first answer is measured."""
    limits: str
    embedded: bool = False
    reads_numbers: bool = True
    """A voice that does not gets them written out, if the extra `numbers` is installed."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """How its addresses begin."""
        return tuple(f"{scheme}:" if self.embedded else f"{scheme}://" for scheme in self.schemes)


_STT_STEP = "first frame sent → first Step"
_TTS_AUDIO = "first text sent → first audio"
_LLM_TOKEN = "request → first token"
_KYUTAI = "Kyutai msgpack over WebSocket (moshi-server)"

BACKENDS = (
    Backend(
        "stt",
        ("ws", "wss"),
        "Kyutai STT",
        "ws://host:8080",
        _KYUTAI,
        "frames of 80 ms",
        "start of each word",
        _STT_STEP,
        "a slot for each call, for a moment two after 48 minutes; words lag by `stt.delay_s`",
    ),
    Backend(
        "stt",
        ("openai+http", "openai+https"),
        "OpenAI transcriptions",
        "openai+http://host:8000/v1",
        "HTTP /v1/audio/transcriptions, whole or server-sent events",
        "utterances, cut by our own voice activity detection",
        "none",
        "pause → last word",
        "no words before a pause; 30 s of speech in one request",
    ),
    Backend(
        "stt",
        ("deepgram+ws", "deepgram+wss"),
        "Deepgram",
        "deepgram+wss://api.deepgram.com",
        "JSON and PCM over WebSocket, /v1/listen",
        "frames of 80 ms",
        "start of each word",
        "first frame sent → first result",
        "`stt.model` is nova-3 if empty; only final words count; no pauses for semantic VAD;"
        " further parameters stand in the query of the address",
    ),
    Backend(
        "stt",
        ("whisper",),
        "faster-whisper",
        "whisper:base.en",
        _KYUTAI,
        "frames of 80 ms",
        "start and stop of each word",
        _STT_STEP,
        "a folder for CTranslate2, or a name in Hugging Face's cache, never downloaded; words come"
        " once two guesses agree, or after a pause; utterances of up to 28 s; no GPU was tried",
        embedded=True,
    ),
    Backend(
        "stt",
        ("pocketsphinx",),
        "PocketSphinx",
        "pocketsphinx:",
        _KYUTAI,
        "frames of 80 ms",
        "start of each word",
        _STT_STEP,
        "English; commands and short sentences; poor over 8 kHz and in noise",
        embedded=True,
    ),
    Backend(
        "llm",
        ("http", "https"),
        "OpenAI chat completions",
        "http://host:8000/v1",
        "HTTP with server-sent events",
        "a conversation",
        "–",
        _LLM_TOKEN,
        "hung up on to stop it; thoughts stay silent if `<think>` or a field marks them",
    ),
    Backend(
        "llm",
        ("agent",),
        "demo agent",
        "agent:",
        "HTTP with server-sent events",
        "a conversation",
        "–",
        _LLM_TOKEN,
        "rules, no model",
        embedded=True,
    ),
    Backend(
        "tts",
        ("ws", "wss"),
        "Kyutai TTS",
        "ws://host:8089",
        _KYUTAI,
        "words",
        "start and stop of each word",
        _TTS_AUDIO,
        "a slot for each response; an unknown voice becomes its default one;"
        " the extra `numbers` writes numbers out for it, in English",
        reads_numbers=False,
    ),
    Backend(
        "tts",
        ("openai+http", "openai+https"),
        "OpenAI speech",
        "openai+http://host:8880/v1",
        "HTTP /v1/audio/speech, chunked PCM",
        "clauses, two requests at once",
        "guessed by the letters of each clause",
        _TTS_AUDIO,
        "16 bit mono PCM at `tts.sample_rate_hz`",
    ),
    Backend(
        "tts",
        ("elevenlabs+ws", "elevenlabs+wss"),
        "ElevenLabs",
        "elevenlabs+wss://api.elevenlabs.io",
        "JSON over WebSocket, /v1/text-to-speech/…/stream-input",
        "clauses",
        "start and stop of each character",
        _TTS_AUDIO,
        "`session.voice` is a voice's id, `tts.model` eleven_flash_v2_5 if empty; a wrong voice"
        " shows only once it has to speak; further parameters stand in the query of the address",
    ),
    Backend(
        "tts",
        ("piper",),
        "Piper",
        "piper:/voices/en_US-amy-medium.onnx",
        _KYUTAI,
        "words, spoken by clauses",
        "start and stop of each word, guessed by letters where it tells none",
        _TTS_AUDIO,
        "needs the extra `piper` (GPL) and the `.onnx.json` beside the voice; `session.voice` is"
        " one of the model's speakers; one clause at a time for all calls",
        embedded=True,
    ),
    Backend(
        "tts",
        ("kokoro",),
        "Kokoro",
        "kokoro:/models/kokoro-v1.0.onnx",
        _KYUTAI,
        "words, spoken by clauses",
        "start and stop of each word, guessed by letters where it tells none",
        _TTS_AUDIO,
        "needs the extra `kokoro` (with GPL parts; Python below 3.14) and one `voices*.bin` beside"
        " the model; `session.voice` is one of them, but none of Japanese or Chinese; one clause at"
        " a time for all calls",
        embedded=True,
    ),
    Backend(
        "tts",
        ("flite",),
        "Flite",
        "flite:slt",
        _KYUTAI,
        "words, spoken by clauses",
        "start and stop of each word",
        _TTS_AUDIO,
        "English; 16 kHz; voices slt, rms, awb, kal16, kal",
        embedded=True,
    ),
    Backend(
        "tts",
        ("espeak",),
        "eSpeak NG",
        "espeak:en-us",
        _KYUTAI,
        "words, spoken by clauses",
        "start and stop of each word",
        _TTS_AUDIO,
        "sounds like a machine; about 100 languages; 22.05 kHz",
        embedded=True,
    ),
    Backend(
        "tts",
        ("tones",),
        "tones",
        "tones:",
        _KYUTAI,
        "words, spoken by clauses",
        "start and stop of each word",
        _TTS_AUDIO,
        "a tone for each word, where no voice is installed",
        embedded=True,
    ),
)


def backend_of(service: str, address: str) -> Backend | None:
    """The one whose address this is; None if there is none."""
    for row in BACKENDS:
        if row.service == service and address.startswith(row.spellings):
            return row
    return None


def spellings(service: Service) -> tuple[str, ...]:
    """How an address of this service may begin."""
    return tuple(text for row in BACKENDS if row.service == service for text in row.spellings)
