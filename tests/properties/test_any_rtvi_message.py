"""Whatever an RTVI client sends, the translator answers, and the session can read what comes."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from rtcserver.realtime.codec import parse_client_event
from rtcserver.realtime.rtvi.dialect import RtviDialect

KINDS = (
    *("client-ready", "send-text", "append-to-context", "client-message", "disconnect-bot"),
    *("llm-function-call-result", "dtmf", "ui-snapshot"),
)
WORDS = (
    *("content", "options", "role", "user", "t", "d", "session.update", "session", "type"),
    *("run_immediately", "tool_call_id", "result", "version", "2.1.0", "response.create"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner),
    max_leaves=8,
)
MESSAGES = st.fixed_dictionaries(
    {"label": st.just("rtvi-ai"), "type": st.sampled_from(KINDS), "data": JSON},
    optional={"id": st.text() | JSON},
)


@given(st.lists(MESSAGES, max_size=4))
@example([{"label": "rtvi-ai", "type": "send-text", "id": "", "data": {"content": "Hi."}}])
def test_any_message_is_translated_or_refused(messages: list[dict[str, object]]) -> None:
    dialect = RtviDialect("0.1.0")
    for message in messages:
        exchange = dialect.from_client(json.dumps(message))
        for event in exchange.to_session:
            parse_client_event(event)
        for text in exchange.to_client:
            json.loads(text)


@given(st.text() | st.binary())
def test_any_text_is_passed_over_or_answered(text: str | bytes) -> None:
    RtviDialect("0.1.0").from_client(text)
