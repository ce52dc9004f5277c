"""The voice gets what can be said, captions and memory keep what was written, both to the word."""

import json

from rtcserver.realtime.events.rtc import RtcHeard
from rtcserver.services.llm.scripted import ScriptedChat
from tests.session.calls import Call, call

WRITTEN = "Try:\n```sh\nls -la /home/of/somebody/with/a/long/name\n```\nWrite to **a@b.de** 👍 now."
SAID = "Try: Write to a at b dot de now."
ASK = '{"type":"response.create"}'


def answered(*events: tuple[float, str]) -> Call:
    return call(
        8,
        chat=ScriptedChat([WRITTEN]),
        events=[(1.0, ASK), *events],
        rtc_events=True,
    )


def heard(made: Call) -> list[str]:
    return [event.text for _, event in made.wire.said if isinstance(event, RtcHeard)]


def test_the_voice_says_what_can_be_said_and_the_transcript_is_what_was_written() -> None:
    made = answered()
    assert " ".join(made.synthesizer.voices[0].said) == SAID
    assert made.event("response.output_audio_transcript.done").transcript == WRITTEN


def test_captions_follow_the_voice_in_the_text_as_it_was_written() -> None:
    to = WRITTEN.index(" **")
    assert heard(answered()) == [
        "",
        "Try:",
        WRITTEN[: to - 3],
        WRITTEN[:to],
        WRITTEN[: WRITTEN.index(" 👍")],
        WRITTEN,
        WRITTEN,
    ]


def test_of_an_answer_cut_short_what_was_written_of_the_words_heard_is_remembered() -> None:
    first = answered()
    item_id = first.event("response.output_audio_transcript.done").item_id
    event = {"type": "conversation.item.truncate", "item_id": item_id, "audio_end_ms": 800}
    made = answered((5.5, json.dumps(event)), (6.0, ASK))
    told = [m["content"] for m in made.chat.requests[-1].messages if m["role"] == "assistant"]
    assert told == [WRITTEN[: WRITTEN.index(" **")]]
