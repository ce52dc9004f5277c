import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.errors import ServiceFailed
from rtcserver.services.stt.transcript import StreamedTranscript, whole_transcript


def sse(*payloads: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(p).encode() + b"\n\n" for p in payloads)


def delta(text: str) -> dict[str, Any]:
    return {"type": "transcript.text.delta", "delta": text}


def done(text: str) -> dict[str, Any]:
    return {"type": "transcript.text.done", "text": text}


def chunk(text: str | None) -> dict[str, Any]:
    return {"object": "transcription.chunk", "choices": [{"delta": {"content": text}}]}


def read(*chunks: bytes) -> list[str]:
    transcript = StreamedTranscript()
    words = [word for data in chunks for word in transcript.push(data)]
    return words + transcript.end()


def test_a_word_is_told_once_the_next_one_has_begun() -> None:
    transcript = StreamedTranscript()
    assert transcript.push(sse(delta("Hel"), delta("lo"))) == []
    assert transcript.push(sse(delta(" there."))) == ["Hello"]
    assert transcript.push(sse(done("Hello there."))) == []
    assert transcript.end() == ["there."]


@pytest.mark.parametrize(
    "stream",
    [
        sse(delta(" Hello"), delta(" there."), done("Hello there.")),
        sse(done("Hello there.")),
        sse(chunk(None), chunk("Hello"), chunk(" there."), {"choices": []}) + b"data: [DONE]\n\n",
        sse({"text": "Hello"}, {"text": "there."}),
        b": ping\n\nevent: transcript.text.done\n" + sse(done(" Hello  there. ")),
    ],
)
def test_servers_stream_in_different_words(stream: bytes) -> None:
    assert read(stream) == ["Hello", "there."]


def test_news_of_other_types_is_passed_over() -> None:
    news = {"type": "transcript.text.segment", "text": "Hello", "speaker": "A"}
    assert read(sse(news, delta("Hello"), done("Hello"))) == ["Hello"]


@pytest.mark.parametrize("stream", [sse(delta("Hello")), sse(chunk("Hello"))])
def test_a_stream_that_ends_before_its_end_fails(stream: bytes) -> None:
    with pytest.raises(ServiceFailed, match="cut off"):
        read(stream)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b"data: {nonsense\n\n", "garbage"),
        (b"data: " + b"x" * (2**20 + 1), "garbage"),
        (sse({"error": {"message": "out of memory"}}), "out of memory"),
    ],
)
def test_garbage_and_errors_fail(stream: bytes, message: str) -> None:
    with pytest.raises(ServiceFailed, match=message):
        read(stream)


STREAM = sse(delta("Hé"), delta("llo"), delta(" there."), done("Héllo there."))


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
def test_where_the_network_cuts_makes_no_difference(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    parts = [STREAM[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    assert read(*parts) == ["Héllo", "there."]


def test_a_whole_transcript_is_read_by_words() -> None:
    assert whole_transcript(b'{"text": " Hello\\nthere. ", "language": "en"}') == [
        "Hello",
        "there.",
    ]
    assert whole_transcript(b'{"text": ""}') == []


@pytest.mark.parametrize("garbage", [b"", b"Hello", b"{}", b'{"text": null}', b"\xff"])
def test_what_is_no_transcript_is_the_services_fault(garbage: bytes) -> None:
    with pytest.raises(ServiceFailed, match="garbage"):
        whole_transcript(garbage)
