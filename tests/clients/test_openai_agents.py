"""openai-agents for Python, which validates every event that it is sent."""

import asyncio

import pytest

from tests.clients.agents_talk import Talk, talk_with
from tests.conversation.prefix import words, words_spoken
from tests.conversation.real_server import RealServer
from tests.speech import script

HEARD_S = 3.0  # before the answer is interrupted
RETRIEVED = "conversation.item.retrieved"
COMPLETED, CUT = "completed", "incomplete"


async def test_a_sum_and_a_tool(server: RealServer) -> None:
    async with talk_with(server.url) as talk:
        await talk.session.send_message("what is two plus three")
        await talk.done(responses=1)
        await talk.session.send_message("please open door")
        await talk.done(responses=3)
    assert talk.errors == []
    assert talk.lines() == [
        ("user", COMPLETED, "what is two plus three"),
        ("assistant", COMPLETED, "Two plus three is five."),
        ("user", COMPLETED, "please open door"),
        ("assistant", COMPLETED, "One moment, please."),
        ("open_door", COMPLETED, "the door is open"),
        ("assistant", COMPLETED, "Here is the answer. the door is open"),
    ]


async def test_its_own_call_interrupts(server: RealServer) -> None:
    async with talk_with(server.url) as talk:
        await count_aloud(talk)
        await talk.session.interrupt()
        await talk.done(responses=1)
        await the_cut_is_known(talk)
        assert_one_tale(talk)
        # It is over: the next one is asked for, and comes.
        await talk.session.send_message("what is two plus three")
        await talk.done(responses=2)
    assert talk.lines()[-1] == ("assistant", COMPLETED, "Two plus three is five.")


async def test_speech_interrupts(server: RealServer) -> None:
    async with talk_with(server.url) as talk:
        await count_aloud(talk)
        speaking = asyncio.create_task(talk.speak(script("stop please what time is it")))
        await talk.done(responses=2)
        speaking.cancel()
        await the_cut_is_known(talk)
    assert_one_tale(talk)
    assert [line[:2] for line in talk.lines()] == [
        ("user", COMPLETED),
        ("assistant", CUT),
        ("user", COMPLETED),
        ("assistant", COMPLETED),
    ]
    assert talk.lines()[2][2].startswith("stop please")


async def count_aloud(talk: Talk) -> None:
    await talk.session.send_message("count from one to one hundred")
    await talk.until(lambda: talk.heard_s() > HEARD_S)


async def the_cut_is_known(talk: Talk) -> None:
    """It asks for the item after every cut, and takes the answer into its history."""
    cuts = "conversation.item.truncated"
    await talk.until(lambda: 0 < len(talk.all(cuts)) <= len(talk.all(RETRIEVED)))
    await talk.until(lambda: talk.lines()[1] == ("assistant", CUT, stored(talk)))


def stored(talk: Talk) -> str:
    """What the server says that was heard of the first answer."""
    item_id = talk.all("response.output_item.added")[0]["item"]["id"]
    items = [event["item"] for event in talk.all(RETRIEVED)]
    return str([item["content"][0]["transcript"] for item in items if item["id"] == item_id][-1])


def assert_one_tale(talk: Talk) -> None:
    """The ear agrees with the server and the package on what was heard of it."""
    assert talk.errors == []
    item_id = talk.all("response.output_item.added")[0]["item"]["id"]
    deltas = talk.all("response.output_audio_transcript.delta")
    said = "".join(delta["delta"] for delta in deltas if delta["item_id"] == item_id)
    assert said.startswith(stored(talk))
    heard = words_spoken(talk.heard(), said)
    assert heard > 3
    assert len(words(stored(talk))) == pytest.approx(heard, abs=1)
