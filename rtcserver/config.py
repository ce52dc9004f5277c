"""Every setting: its unit in its name, its default, what it is for. settings.py loads them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from rtcserver.config_types import (
    HttpUrls,
    Labelled,
    LabelledSecrets,
    LlmUrls,
    Pairs,
    Policies,
    Secrets,
    SttUrls,
    Texts,
    TtsUrls,
)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Server(Section):
    """The HTTP door."""

    host: str = Field(
        "127.0.0.1", description="Address to bind; any but a loopback one needs an API key"
    )
    port: int = Field(8080, ge=0, le=65535, description="TCP port to bind; 0 picks a free one")
    tls: Literal["off", "auto"] = Field(
        "off", description="auto: HTTPS with a certificate that the server makes for itself"
    )
    tls_cert: str = Field("", description="PEM file of a certificate, for HTTPS with it")
    tls_key: str = Field("", description="PEM file of its key")
    state_dir: str = Field(
        "", description="Folder for what the server keeps; empty is $XDG_STATE_HOME/rtcserver"
    )
    api_keys: Secrets = Field((), description="Keys a client may show; none means no check")
    token_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs client secrets; unset, the API keys do, and a change of them ends all",
    )
    max_calls: int = Field(32, ge=1, description="Calls at once; one more is refused with 503")
    max_calls_per_client: int = Field(
        0, ge=0, description="Calls at once of one key, client secret or address; 0 is no limit"
    )
    calls_per_minute: int = Field(
        0, ge=0, description="Calls that one client may begin in a minute; 0 is no limit"
    )
    max_sidebands: int = Field(4, ge=0, description="Sideband connections at once to one call")
    body_timeout_s: float = Field(
        10.0, gt=0, description="Time a client gets to send the body of its request"
    )
    idle_timeout_s: float = Field(
        30.0, gt=0, description="Time a connection may be open without a whole head of a request"
    )
    shutdown_s: float = Field(5.0, gt=0, description="Time calls get to end when the server stops")


class Session(Section):
    """What a call starts with, until session.update says otherwise."""

    model: str = Field("rtcserver", description="Name of the model in the session object")
    instructions: str = Field(
        "You are a helpful voice assistant. Answer in short spoken sentences.",
        description="System prompt",
    )
    voice: str = Field("default", description="Voice of the synthesizer")
    apology: Literal["spoken", "written", "off"] = Field(
        "spoken",
        description="What becomes of a spoken response that fails: the apology is said in it,"
        " only written in it, or left out",
    )
    apology_text: str = Field(
        "I am sorry, something went wrong. Please say that again.",
        description="The apology, in the language of the callers",
    )
    max_call_s: float = Field(3600.0, gt=0, description="Length at which a call is ended")
    idle_reap_s: float = Field(
        20.0, gt=0, description="Silence of the wire after which a vanished client's call is ended"
    )
    max_event_bytes: int = Field(
        16 * 2**20, ge=1024, description="Size of the largest client event"
    )
    max_conversation_bytes: int = Field(
        64 * 2**20, ge=1024, description="Size of all items that a client may put into one call"
    )


class Turn(Section):
    """When the caller has finished, and when the caller interrupts."""

    threshold: float = Field(
        0.5, ge=0, le=1, description="Speech probability that counts as speech"
    )
    silence_duration_ms: int = Field(500, ge=100, le=10_000, description="Silence that ends a turn")
    prefix_padding_ms: int = Field(
        300, ge=0, le=5_000, description="Audio kept from before speech was noticed"
    )
    onset_ms: int = Field(96, ge=32, le=1_000, description="Speech that makes a start of speech")
    soft_end_ms: int = Field(
        192,  # six windows of the VAD: so the tenth after it, 320 ms later, ends a turn of 500 ms
        ge=64,
        le=5_000,
        description="Silence after which the answer is prepared on speculation",
    )
    interrupt_ms: int = Field(
        300, ge=32, le=5_000, description="Speech over the assistant that confirms an interruption"
    )
    resume_after_ms: int = Field(
        1_000,
        ge=100,
        le=10_000,
        description="Time after which an unconfirmed interruption is taken back",
    )
    transcript_timeout_ms: int = Field(
        3_000, ge=100, le=60_000, description="Longest wait for the final transcript of a turn"
    )


class Stt(Section):
    """Speech to text, by any service of docs/services.md."""

    url: SttUrls = Field(
        (),
        description="Addresses, the best first; neighbours of one kind share the load. None takes"
        " the best one that is built in",
    )
    api_key: SecretStr = Field(SecretStr("public_token"), description="Key of the service")
    connect_timeout_s: float = Field(
        2.0, gt=0, description="Limit of an attempt to connect and become ready"
    )
    delay_s: float = Field(0.5, ge=0, description="Kyutai's model delay, which a flush bridges")
    model: str = Field(
        "", description="Model; empty takes the only one listed, or Deepgram's nova-3"
    )
    language: str = Field(
        "",
        pattern="^([a-z]{2,3})?$",
        description="Language that callers speak, such as en, for services that can be told; empty"
        " lets them find out",
    )
    final_timeout_s: float = Field(
        10.0, gt=0, description="Limit of waiting for a transcript by OpenAI's wire"
    )


class Llm(Section):
    """The chat model, by any service of docs/services.md."""

    url: LlmUrls = Field(
        (), description="Base URLs with /v1, the best first; none starts the demo agent"
    )
    api_key: SecretStr = Field(SecretStr(""), description="Bearer key of that server")
    model: str = Field("", description="Model name; empty takes the only one the server lists")
    model_map: Pairs = Field(
        {},
        description="Models by the name that a session asks for: name=model; any other name gets"
        " llm.model",
    )
    context_tokens: int = Field(
        32_768,
        ge=1_024,
        description="Tokens the model can read and write in all; what of a conversation does not"
        " fit is left out, oldest first, as the session's truncation says",
    )
    temperature: float | None = Field(
        None, ge=0, le=2, description="Sampling temperature; unset leaves it to the server"
    )
    connect_timeout_s: float = Field(2.0, gt=0, description="Limit of connecting")
    first_byte_timeout_s: float = Field(
        10.0, gt=0, description="Limit of waiting for the first byte of a reply"
    )
    token_timeout_s: float = Field(5.0, gt=0, description="Limit of waiting for each further token")


class Tts(Section):
    """Text to speech, by any service of docs/services.md."""

    url: TtsUrls = Field(
        (),
        description="Addresses, the best first; neighbours of one kind share the load. None takes"
        " the best one that is built in",
    )
    api_key: SecretStr = Field(SecretStr("public_token"), description="Key of the service")
    connect_timeout_s: float = Field(
        2.0, gt=0, description="Limit of an attempt to connect and become ready"
    )
    audio_timeout_s: float = Field(
        5.0, gt=0, description="Limit of waiting for audio once all text was sent"
    )
    warm_s: float = Field(
        2.0,
        ge=0,
        description="Time a voice is kept that was opened in a pause of the caller, ahead of need;"
        " 0 opens none ahead",
    )
    voices: Texts = Field(
        (),
        description="Voices that clients may ask for, beside session.voice; none means any",
    )
    model: str = Field(
        "", description="Model; empty takes the only one listed, or ElevenLabs' eleven_flash_v2_5"
    )
    sample_rate_hz: int = Field(
        24_000, ge=8_000, le=96_000, description="Rate of the PCM that /v1/audio/speech answers"
    )


class Local(Section):
    """The built-in speech services."""

    stt_slots: int = Field(16, ge=1, description="Callers the built-in recogniser can hear at once")
    whisper_model: str = Field(
        "base.en",
        min_length=1,
        description="Whisper model that is taken if it is on this machine: a folder for"
        " CTranslate2, or a name in Hugging Face's cache; nothing is ever downloaded",
    )
    first_token_ms: int = Field(
        30, ge=0, description="Time the demo agent takes to its first token"
    )
    tokens_per_s: float = Field(50.0, gt=0, description="Speed of the demo agent")


class Tools(Section):
    """Tools that the server runs for the model: see docs/tools.md."""

    mcp_servers: Labelled = Field(
        (), description="MCP servers of every call: label=https://… or label=command arguments…"
    )
    mcp_tokens: LabelledSecrets = Field(
        (), description="Bearer tokens of those that have a URL: label=token"
    )
    mcp_allowed_urls: HttpUrls = Field(
        (), description="URLs below which a client may name MCP servers; none means none"
    )
    on_interrupt: Policies = Field(
        (),
        description="What becomes of a tool when the caller interrupts: label=policy or "
        "label.tool=policy; cancel, finish_silently (the default) or finish_and_speak",
    )
    open_timeout_s: float = Field(
        10.0, gt=0, description="Limit of connecting to a server of tools and listing them"
    )
    timeout_s: float = Field(30.0, gt=0, description="Limit of one run of a tool")
    max_running: int = Field(8, ge=1, description="Tools of a call that run at once")
    max_rounds: int = Field(
        5, ge=1, description="Responses in a row to results of tools; in the last no tool is run"
    )
    max_result_chars: int = Field(
        16_000, ge=100, description="Length at which the result of a tool is cut"
    )


class WebRtc(Section):
    """Browser calls."""

    connect_timeout_s: float = Field(
        15.0, gt=0, description="Time from answer to connected, else the call is dropped"
    )
    disconnect_timeout_s: float = Field(
        8.0, gt=0, description="Time without any packet, else the call is dropped"
    )
    stun_urls: Texts = Field((), description="STUN servers, none by default")
    max_sdp_bytes: int = Field(65_536, ge=1024, description="Size of the largest offer")


class Log(Section):
    """What the server writes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe line that is written: debug, info, warning or error"
    )
    format: Literal["console", "json"] = Field(
        "console", description="console for people, json for machines"
    )
    events_file: str = Field(
        "",
        description="File for every event of every call, for debugging: what people said is in it,"
        " and the keys of MCP servers, which are in no log line",
    )


class Settings(Section):
    """The whole tree. `RTCSERVER_<SECTION>__<KEY>` is the environment variable of a setting."""

    server: Server = Server()
    session: Session = Session()
    turn: Turn = Turn()
    stt: Stt = Stt()
    llm: Llm = Llm()
    tts: Tts = Tts()
    local: Local = Local()
    tools: Tools = Tools()
    webrtc: WebRtc = WebRtc()
    log: Log = Log()
