"""A phrase is taken for said if what was heard sounds like it; the agent has an answer to each."""

import re
from datetime import datetime

import pytest

from rtcserver.local.agent.rules import RULES
from rtcserver.local.agent.talk import recall
from rtcserver.local.stt_phrases import GRAMMAR, sounds_like

WHAT_IS = "W AH T IH Z"
PLUS_THREE = "P L AH S TH R IY"


def phones(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    ("free", "phrase"),
    [
        (f"{WHAT_IS} T R UW {PLUS_THREE}", f"{WHAT_IS} T UW {PLUS_THREE}"),  # "true plus three"
        (f"{WHAT_IS} T UW B L EH S T TH R IY", f"{WHAT_IS} T UW {PLUS_THREE}"),  # "to blessed"
        ("T UW AA R G Y UW", "HH UW AA R Y UW"),  # "to argue" for "who are you"
        ("S T AA P", "S T AA P"),
    ],
)
def test_misheard_phrases_are_taken_for_what_was_said(free: str, phrase: str) -> None:
    assert sounds_like(phones(free), phones(phrase))


@pytest.mark.parametrize(
    ("free", "phrase"),
    [
        ("T EH L M IY AH S IY K R AH T", "T EH L M IY AH S T AO R IY"),  # a secret, a story
        ("G UH D B AY", "G UH D N AY T"),  # goodbye, good night
        ("HH UW AA R Y AO R P EH R AH N T S", "HH UW AA R Y UW"),  # who are your parents
        ("Y EH S", "S T AA P"),
        ("", "S T AA P"),
    ],
)
def test_other_sentences_are_not_forced_into_the_grammar(free: str, phrase: str) -> None:
    assert not sounds_like(phones(free), phones(phrase))


def test_without_a_phrase_speech_is_free() -> None:
    assert not sounds_like(phones("Y EH S"), [])
    assert not sounds_like([], [])


def grammar() -> re.Pattern[str]:
    """The same language as a regular expression."""
    definitions = re.findall(r"<(\w+)> = ([^;]+);", GRAMMAR)
    made: dict[str, str] = {}
    for name, rule in definitions:
        found = " ".join(rule.split()).replace("[", "(?:").replace("]", ")?").replace(" | ", "|")
        found = re.sub(r"\((?!\?)", "(?:", found)
        made[name] = "(?:" + re.sub(r"<(\w+)>", lambda match: made[match[1]], found) + ")"
    return re.compile(made["phrase"].replace(" ", " ?"))


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("what is two plus three", "arithmetic"),
        ("how much is a hundred and twenty one divided by eleven", "arithmetic"),
        ("six times seven minus two", "arithmetic"),
        ("count from one to ten", "count"),
        ("count down from five", "count"),
        ("count", "count"),
        ("tell me another joke", "joke"),
        ("tell me a story", "story"),
        ("what time is it", "time"),
        ("tell me the time", "time"),
        ("what is the time", "time"),
        ("what day is it today", "date"),
        ("what is the date", "date"),
        ("who are you", "who"),
        ("what is your name", "who"),
        ("what can you do", "abilities"),
        ("help me", "abilities"),
        ("what is my name", "tell name"),
        ("who am i", "tell name"),
        ("hello there", "greeting"),
        ("good evening", "greeting"),
        ("how are you today", "feeling"),
        ("thank you very much", "thanks"),
        ("can you hear me", "line check"),
        ("stop", "stop"),
        ("be quiet", "stop"),
        ("say that again", "again"),
        ("what did you say", "again"),
        ("goodbye", "goodbye"),
        ("bye bye", "goodbye"),
        ("see you later", "goodbye"),
        ("hang up", "hang up"),
    ],
)
def test_the_agent_has_an_answer_to_every_phrase(said: str, intent: str) -> None:
    assert grammar().fullmatch(said)
    talk = recall([{"role": "user", "content": said}])
    rule = next(rule for rule in RULES if rule.answer_to(talk, datetime(2026, 3, 3)) is not None)
    assert rule.intent == intent


@pytest.mark.parametrize("said", ["my name is alice", "tell me a", "how much is nine plus a"])
def test_what_goes_on_in_words_of_ones_own_is_no_phrase(said: str) -> None:
    assert not grammar().fullmatch(said)
