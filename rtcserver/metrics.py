"""Every Prometheus series, declared once.

Buckets reach past each latency budget, so that a breach can be read.
"""

from prometheus_client import Counter, Gauge, Histogram

# Budgets: STT 0.1, LLM 0.5, TTS 0.55 s; each is a bucket edge with room beyond.
_LATENCY_S = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.15,
    0.2,
    0.3,
    0.4,
    0.5,
    0.55,
    0.75,
    1,
    1.5,
    2,
    3,
    5,
    10,
)
_CALL_S = (1, 10, 30, 60, 120, 240, 480, 960, 1920, 3840)

CALLS = Counter("rtc_calls_total", "Calls accepted", ["transport"])
CALLS_REFUSED = Counter("rtc_calls_refused_total", "Calls refused", ["reason"])
AUTH_REFUSED = Counter("rtc_auth_refused_total", "Requests without a key, or with a wrong one")
CLIENT_SECRETS = Counter("rtc_client_secrets_total", "Client secrets given out")
CALLS_ACTIVE = Gauge("rtc_calls_active", "Calls in progress", ["transport"])
SIDEBANDS = Counter("rtc_sidebands_total", "Sideband connections opened to calls")
SIDEBANDS_ACTIVE = Gauge("rtc_sidebands_active", "Sideband connections open")
CALL_SECONDS = Histogram("rtc_call_seconds", "Length of a call", buckets=_CALL_S)
CALL_ERRORS = Counter("rtc_call_errors_total", "Calls ended by a bug of ours")
ERROR_EVENTS = Counter("rtc_error_events_total", "Error events sent to clients", ["code"])

FRAMES_IN = Counter("rtc_frames_in_total", "Frames of 80 ms heard from callers")
FRAMES_OUT = Counter("rtc_frames_out_total", "Frames of 80 ms written to callers")
AUDIO_DROPPED = Counter(
    "rtc_audio_dropped_total", "Chunks of audio dropped because a bounded queue was full", ["queue"]
)

TURNS = Counter("rtc_turns_total", "Turns the caller finished")
INTERRUPTIONS = Counter("rtc_interruptions_total", "Responses the caller cut off")
FALSE_INTERRUPTIONS = Counter(
    "rtc_false_interruptions_total", "Pauses taken back, because the caller had said nothing"
)
SPECULATIONS = Counter(
    "rtc_speculations_total",
    "Replies to turns: prepared on speculation (used) or only once the turn was over (none)",
    ["outcome"],
)
RESPONSES = Counter("rtc_responses_total", "Responses ended", ["status"])
TURN_PHASE_SECONDS = Histogram(
    "rtc_turn_phase_seconds",
    "Parts of the silence between a caller's last sound and the answer's first sample; "
    "they add up to it",
    ["phase"],
    buckets=_LATENCY_S,
)
TURN_SECONDS = Histogram("rtc_turn_seconds", "The whole of that silence", buckets=_LATENCY_S)

SERVICE_ATTEMPTS = Counter("rtc_service_attempts_total", "Attempts to open a service", ["service"])
SERVICE_FAILURES = Counter(
    "rtc_service_failures_total", "Attempts and streams that failed", ["service", "reason"]
)
SERVICE_ACTIVE = Gauge("rtc_service_active", "Streams open to a service", ["service"])
SERVICE_READY_SECONDS = Histogram(
    "rtc_service_ready_seconds", "Connect until ready", ["service"], buckets=_LATENCY_S
)
SERVICE_MISSES = Counter(
    "rtc_service_misses_total", "Instances that had no slot or were not there", ["service"]
)
SERVICE_HARD_MISSES = Counter(
    "rtc_service_hard_misses_total", "Leases that no instance would give", ["service"]
)
SERVICE_LEASES = Gauge(
    "rtc_service_leases", "Streams leased from an instance", ["service", "instance"]
)
SERVICE_FIND_SECONDS = Histogram(
    "rtc_service_find_seconds",
    "Lease asked for until an instance is ready, those that missed included",
    ["service"],
    buckets=_LATENCY_S,
)
WARM_VOICES = Counter(
    "rtc_warm_voices_total", "Voices opened ahead of need, used or unused", ["outcome"]
)
SERVICE_RESTARTS = Counter(
    "rtc_service_restarts_total", "Built-in services started again after a crash", ["service"]
)

TOOL_CALLS = Counter("rtc_tool_calls_total", "Runs of the server's own tools", ["outcome"])
TOOL_SECONDS = Histogram(
    "rtc_tool_seconds", "Length of such a run", buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60)
)
TOOLS_RUNNING = Gauge("rtc_tools_running", "Such runs in progress")
TOOLBOX_OPENINGS = Counter("rtc_toolbox_openings_total", "Attempts to open a server of tools")
TOOLBOX_FAILURES = Counter("rtc_toolbox_failures_total", "Servers of tools that told no tools")

STT_FIRST_STEP_SECONDS = Histogram(
    "rtc_stt_first_step_seconds",
    "First audio sent until first sign of progress; budget 0.1 s",
    buckets=_LATENCY_S,
)
STT_STEP_LAG_SECONDS = Histogram(
    "rtc_stt_step_lag_seconds", "Frame sent until it was taken in", buckets=_LATENCY_S
)
STT_FINAL_SECONDS = Histogram(
    "rtc_stt_final_seconds", "Flush until the last word", buckets=_LATENCY_S
)
STT_WORDS = Counter("rtc_stt_words_total", "Words recognised")
LLM_FIRST_TOKEN_SECONDS = Histogram(
    "rtc_llm_first_token_seconds", "Request until first text", buckets=_LATENCY_S
)
LLM_FIRST_WORD_SECONDS = Histogram(
    "rtc_llm_first_word_seconds", "Request until first whole word; budget 0.5 s", buckets=_LATENCY_S
)
LLM_WORDS = Counter("rtc_llm_words_total", "Words generated")
TTS_FIRST_AUDIO_SECONDS = Histogram(
    "rtc_tts_first_audio_seconds",
    "First word sent until first audio; budget 0.55 s",
    buckets=_LATENCY_S,
)
TTS_REALTIME_FACTOR = Histogram(
    "rtc_tts_realtime_factor",
    "Seconds of audio made per second, at the service's edge; budget > 1",
    buckets=(0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8, 16, 32, 64, 128),
)
TTS_AUDIO_SECONDS = Counter("rtc_tts_audio_seconds_total", "Seconds of speech made")
LOOP_LAG_SECONDS = Histogram(
    "rtc_loop_lag_seconds",
    "How late the event loop woke up",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
LOOP_WORK_SECONDS = Histogram(
    "rtc_loop_work_seconds",
    "How much of its lag the event loop worked; for the rest the machine was busy elsewhere",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
TASKS = Gauge("rtc_tasks", "Tasks of the event loop; without calls always the same number")
