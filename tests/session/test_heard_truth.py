"""The conversation holds what the caller heard, whatever ended the reply."""

import json
from typing import Any

import pytest

from rtcserver.realtime.events.conversation import ConversationItemTruncated
from rtcserver.realtime.events.rtc import RtcHeard
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.transports.scripted import ScriptedTransport
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

TWELVE = "One two three four five six seven eight nine ten eleven twelve."
TWO_TURNS: dict[str, Any] = {
    "speech": [(1.0, 2.0), (8.0, 9.0)],
    "words": [Word("hello", 1.2), Word("again", 8.2)],
}


def remembered(made: Call) -> str:
    """What the chat model was last told that the assistant had said."""
    said = [m["content"] for m in made.chat.requests[-1].messages if m["role"] == "assistant"]
    return " ".join(said)


@pytest.mark.parametrize("at", [5.0, 5.04, 5.08, 5.12])
def test_words_that_a_starved_wire_still_waits_for_were_not_heard(at: float) -> None:
    """The voice is so slow that all there is of it has mostly been played."""
    made = call(
        12,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(realtime_factor=0.5),
        events=[
            (1.0, '{"type":"response.create"}'),
            (at, '{"type":"output_audio_buffer.clear"}'),
            (7.0, '{"type":"response.create"}'),
        ],
    )
    assert 1 <= len(remembered(made).split()) <= 7


def test_words_that_a_broken_voice_left_out_were_not_heard() -> None:
    made = call(
        14,
        **TWO_TURNS,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(break_after_words=3),
    )
    assert made.event("response.done").response.status == "failed"
    # The apology breaks as well.
    assert remembered(made) == "One two three — I am sorry,"


def test_words_that_were_made_no_more_were_not_heard() -> None:
    """Half a second of them were on their way when the client cancelled, and are played."""
    made = call(
        14,
        **TWO_TURNS,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(realtime_factor=1.5),
        events=[(4.0, '{"type":"response.cancel"}')],
    )
    assert made.event("response.done").response.status == "cancelled"
    samples = sum(int((heard > 0).sum()) for at, heard in made.wire.heard if at < 8)
    assert remembered(made) == " ".join(TWELVE.split()[: round(samples / 7200)])


def test_a_truncation_outlives_the_end_of_the_response() -> None:
    create = '{"type":"response.create"}'
    first = call(8, chat=ScriptedChat([TWELVE]), events=[(1.0, create)])
    item_id = first.event("response.output_audio_transcript.done").item_id
    cut = {"type": "conversation.item.truncate", "item_id": item_id, "audio_end_ms": 650}
    made = call(
        10,
        chat=ScriptedChat([TWELVE]),
        events=[
            (1.0, create),
            (2.0, json.dumps(cut)),
            (2.0, '{"type":"response.cancel"}'),
            (5.0, create),
        ],
    )
    assert remembered(made) == "One two"


def test_a_voice_without_a_sound_is_told_as_a_failure() -> None:
    made = call(
        14,
        **TWO_TURNS,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(seconds_per_word=0),
    )
    assert made.event("error").error.code == "tts_failed"
    assert made.event("response.done").response.status == "failed"
    assert remembered(made) == ""


def heard(made: Call) -> list[tuple[str, bool]]:
    news = [e for _, e in made.wire.said if isinstance(e, RtcHeard)]
    return [(event.text, event.final) for event in news]


ASK = '{"type":"response.create"}'


def test_who_asks_is_told_what_was_heard_word_by_word() -> None:
    made = call(4, chat=ScriptedChat(["One two three."]), events=[(1.0, ASK)], rtc_events=True)
    assert heard(made) == [
        ("", False),
        ("One", False),
        ("One two", False),
        ("One two three.", False),
        ("One two three.", True),
    ]
    times = [at for at, event in made.wire.said if isinstance(event, RtcHeard)]
    assert times[1] - times[0] == pytest.approx(0.15, abs=0.04)  # half of a word of 0.3 s


def test_the_last_thing_told_is_what_the_conversation_remembers() -> None:
    clear = 3.0, '{"type":"output_audio_buffer.clear"}'
    events = [(1.0, ASK), clear, (5.0, ASK)]
    made = call(8, chat=ScriptedChat([TWELVE]), events=events, rtc_events=True)
    final = next(e for _, e in made.wire.said if isinstance(e, RtcHeard) and e.final)
    assert final.text == remembered(made)
    assert final.audio_ms == made.event("conversation.item.truncated").audio_end_ms
    assert final.item_id == made.event("conversation.item.truncated").item_id


def test_who_does_not_ask_is_not_told() -> None:
    made = call(4, chat=ScriptedChat(["One two three."]), events=[(1.0, ASK)])
    assert heard(made) == []


class _PlaysItself(ScriptedTransport):
    """As on a WebSocket: the client has a player of its own, and we reckon."""

    owns_playback = False


def by_client(
    kind: type[ScriptedTransport], *events: tuple[float, str], realtime_factor: float = 4.0
) -> Call:
    """A reply of twelve words, 0.3 s each, is heard from about 1.3 s on; then the client speaks
    of its item. Later the chat model is asked again."""
    first = call(4, chat=ScriptedChat([TWELVE]), events=[(1.0, ASK)])
    item_id = first.event("response.output_audio_transcript.done").item_id
    told = [(at, text.replace("ITEM", item_id)) for at, text in events]
    return call(
        12,
        chat=ScriptedChat([TWELVE]),
        synthesizer=ScriptedSynthesizer(realtime_factor=realtime_factor),
        events=[(1.0, ASK), *told, (8.0, ASK)],
        wire_kind=kind,
    )


TOLD_AT_THE_END = ("response.output_item.done", "response.done", "conversation.item.truncated")
CANCEL = '{"type":"response.cancel"}'
CLEAR = '{"type":"output_audio_buffer.clear"}'


def cut(ms: int) -> str:
    return json.dumps({"type": "conversation.item.truncate", "item_id": "ITEM", "audio_end_ms": ms})


@pytest.mark.parametrize(
    "events",
    [
        [(3.0, CANCEL), (3.0, cut(650))],
        [(3.0, cut(650)), (3.0, CANCEL)],
        [(3.0, CLEAR), (3.1, cut(650))],
        [(3.0, cut(650)), (3.1, CLEAR)],
        [(3.0, cut(650)), (3.0, cut(650))],
    ],
)
def test_where_the_client_plays_its_word_counts_in_whatever_order_it_comes(
    events: list[tuple[float, str]],
) -> None:
    made = by_client(_PlaysItself, *events)
    assert remembered(made) == "One two"
    cuts = [e for _, e in made.wire.said if isinstance(e, ConversationItemTruncated)]
    assert cuts[-1].audio_end_ms == 650


def test_where_the_client_plays_it_may_have_heard_more_than_we_reckoned() -> None:
    made = by_client(_PlaysItself, (2.4, CLEAR), (2.5, cut(2_450)))
    assert remembered(made) == "One two three four five six seven eight"


def test_a_client_that_has_stopped_is_not_taken_to_be_listening() -> None:
    made = by_client(_PlaysItself, (2.5, CANCEL), (2.5, cut(700)), (3.0, ASK))
    asked = [at for at, kind in made.timed if kind == "response.created"]
    first_sound = [at for at, _ in made.wire.heard if at > 2.6]
    assert asked[1] == pytest.approx(3.0, abs=0.03)
    assert first_sound[0] < 3.5


@pytest.mark.parametrize(("interrupts", "end"), [(True, "cancelled"), (False, "completed")])
def test_a_client_that_only_cuts_the_item_leaves_the_rest_to_us(interrupts: bool, end: str) -> None:
    """So does openai-agents, unless it was told that speech does not interrupt."""
    detection = {"type": "server_vad", "interrupt_response": interrupts}
    session = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    update = json.dumps({"type": "session.update", "session": session})
    made = by_client(_PlaysItself, (0.5, update), (3.0, cut(650)), realtime_factor=1.0)
    assert made.event("response.done").response.status == end
    assert remembered(made) == "One two"
    told = [kind for at, kind in made.timed if 2.9 < at < 3.1 and kind in TOLD_AT_THE_END]
    assert told == list(TOLD_AT_THE_END if interrupts else TOLD_AT_THE_END[-1:])


def test_where_we_play_a_client_cannot_have_heard_more_than_was_played() -> None:
    made = by_client(ScriptedTransport, (2.5, CLEAR), (2.6, cut(9_000)))
    cuts = [e for _, e in made.wire.said if isinstance(e, ConversationItemTruncated)]
    assert cuts[1].audio_end_ms == cuts[0].audio_end_ms
    assert 0 < len(remembered(made).split()) < 6


def test_nothing_heard_and_more_than_there_is_are_both_taken() -> None:
    assert remembered(by_client(_PlaysItself, (3.0, CANCEL), (3.0, cut(0)))) == ""
    assert remembered(by_client(_PlaysItself, (6.0, cut(99_000)))) == TWELVE


def test_an_unknown_item_is_truncated_without_a_fuss() -> None:
    made = by_client(_PlaysItself, (3.0, cut(650).replace("ITEM", "nobody")))
    assert made.event("conversation.item.truncated").item_id == "nobody"
    assert "error" not in made.types


def test_an_item_has_one_part() -> None:
    made = by_client(
        _PlaysItself, (3.0, cut(650).replace('"audio_end', '"content_index":1,"audio_end'))
    )
    assert made.event("error").error.param == "content_index"
    assert remembered(made) == TWELVE
