"""Why something of the contract is not spoken, or has less effect than one might think.

tests/test_docs.py fails when openai's client learns a name that is neither spoken nor listed here.
"""

_RECOGNISER = "The recogniser is chosen by the settings `stt.*`"
_SOUND_AS_IS = "Sound is not filtered"
_NO_TEMPLATES = "There is no store of templates: use `instructions`"
_NO_DASHBOARD = "There is no dashboard to send traces to: see `log.events_file`"
_NO_LOGPROBS = "Recognisers give no probabilities of words"
_REASONING = "Passed on to the chat model as `reasoning_effort`"
_CLAMPED = "More than there is means all of it"

_LEGACY = "Of the beta; GA clients ignore it"
_NO_PHONE = "There is no telephone line"
_NO_SPEAKERS = "Recognisers do not tell speakers apart"
_NO_IMAGES = "The chat model is given text alone; part type `input_image` is refused"
_MCP_NOTES = {
    "tools.connector_id": "Refused, with an error that says so: there are no connectors here",
    "tools.server_url": "Below one of `tools.mcp_allowed_urls`; absent: a server of the operator",
}
_MCP_KEYS = "Sent to the MCP server, and never told back"
_MCP_CALLERS = "Tools are called by the model alone"
_MCP_ALL_LISTED = "All tools are listed at once"
_MCP_NO_TUNNEL = "OpenAI's tunnels end at OpenAI; use `tools.server_url`"

_INPUT = {
    "audio.input.noise_reduction": _SOUND_AS_IS,
    "audio.input.transcription": "null: no transcripts are told; the words are understood anyway",
    "audio.input.transcription.delay": _RECOGNISER,
    "audio.input.transcription.keywords": _RECOGNISER,
    "audio.input.transcription.language": _RECOGNISER,
    "audio.input.transcription.languages": _RECOGNISER,
    "audio.input.transcription.model": _RECOGNISER,
    "audio.input.transcription.prompt": _RECOGNISER,
    "audio.input.turn_detection": "Replaced as one; null: the client ends turns",
    "include": _NO_LOGPROBS,
    "type": "Stays what it was when the call began",
}
_TOOLS = {
    "tools.allowed_callers": _MCP_CALLERS,
    "tools.defer_loading": _MCP_ALL_LISTED,
    "tools.tunnel_id": _MCP_NO_TUNNEL,
}
_ANSWER = {
    "audio.output.voice": "One of `tts.voices`, any if there are none; may change at any time",
    "max_output_tokens": "The chat model's `max_tokens`",
    "prompt": _NO_TEMPLATES,
    "reasoning.effort": _REASONING,
    "parallel_tool_calls": "Passed on to the chat model",
}

NOTES: dict[str, dict[str, str]] = {
    "Items": {
        "content.audio": "Kept, and not listened to: an item of a client's says its `transcript`",
        "content.transcript": "Of an answer that was cut short: what was heard of it",
    },
    "Client events": {
        "conversation.item.truncate": f"{_CLAMPED}; an unknown item is no error",
        "input_audio_buffer.append": "On a WebSocket; WebRTC has a media track",
        "output_audio_buffer.clear": "Never an error, even if nothing is heard",
        "response.cancel": "Without `response_id` the conversation's response is meant",
        "response.create": 'Out of band (`conversation` "none") beside the conversation\'s',
    },
    "Server events": {
        "input_audio_buffer.timeout_triggered": "Where `idle_timeout_ms` is set",
        "output_audio_buffer.cleared": "On WebRTC",
        "output_audio_buffer.started": "On WebRTC",
        "output_audio_buffer.stopped": "On WebRTC",
        "rate_limits.updated": "Its list is empty: responses are not limited",
        "response.output_audio.delta": "On a WebSocket; WebRTC has a media track",
    },
    "Session": {
        **_INPUT,
        **_ANSWER,
        **_MCP_NOTES,
        "tools.authorization": _MCP_KEYS,
        "tools.headers": _MCP_KEYS,
        "model": "Any name; `llm.model_map` says which chat model it means",
        "tracing": _NO_DASHBOARD,
        "truncation": "Tokens are estimated: 4 bytes each; `llm.context_tokens` is the limit",
    },
    "Transcription session": _INPUT,
    "response.create": {
        **_ANSWER,
        "tools.connector_id": _MCP_NOTES["tools.connector_id"],
        "tools.server_label": "Of a server of the session, or of the operator",
        "input": "Items, and references to items of the conversation",
    },
}

_NO_EFFECT_ON_INPUT = (
    "audio.input.noise_reduction",
    *(
        f"audio.input.transcription.{field}"
        for field in ("delay", "keywords", "language", "languages", "model", "prompt")
    ),
    "include",
)
ECHOED: dict[str, tuple[str, ...]] = {
    **{title: () for title in NOTES},
    "Session": (*_NO_EFFECT_ON_INPUT, "prompt", "tracing"),
    "Transcription session": _NO_EFFECT_ON_INPUT,
    "response.create": ("prompt",),
}
"""Accepted, stored and told, without effect; with all that is below."""

UNSUPPORTED: dict[str, dict[str, str]] = {
    "Items": {"content.detail": _NO_IMAGES, "content.image_url": _NO_IMAGES},
    "Client events": {},
    "Server events": {
        "conversation.created": _LEGACY,
        "conversation.item.created": _LEGACY,
        "conversation.item.input_audio_transcription.segment": _NO_SPEAKERS,
        "input_audio_buffer.dtmf_event_received": _NO_PHONE,
    },
    "Session": _TOOLS,
    "Transcription session": {},
    "response.create": _TOOLS,
}
