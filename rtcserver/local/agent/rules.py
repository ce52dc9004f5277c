"""The table of rules: what the user means, how it sounds, what is answered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rtcserver.local.agent import answers, tales
from rtcserver.local.agent.answers import Heard
from rtcserver.local.agent.talk import Talk

Answer = str | Callable[[Heard], str | None]
"""What is said, or how to find it; None leaves the words to the next rule."""

HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Rule:
    intent: str
    pattern: re.Pattern[str]
    answer: Answer
    tool: str = ""
    """Function that is called as well, if the request offers it."""

    def answer_to(self, talk: Talk, now: datetime) -> str | None:
        match = self.pattern.search(talk.heard)
        if match is None:
            return None
        return self.answer if isinstance(self.answer, str) else self.answer(Heard(talk, match, now))


def _sounds(*phrases: str) -> re.Pattern[str]:
    """Each phrase is a regular expression over plain words, which may be misrecognised ones."""
    return re.compile("|".join(rf"\b(?:{phrase})(?!\w)" for phrase in phrases))


_TO = r"(?:up )?(?:to|two|too|until|till)"
_NUMBER = r"[\w .]+?"

# The first rule that matches and has an answer speaks, so the more special ones stand first.
RULES = (
    Rule(
        "repeat",
        _sounds(
            r"(?:after me"
            r"|^(?:please |now )*(?:say|repeat)(?! (?:that|this|it|again|my name|after me)\b))"
            r" (?P<what>.+)"
        ),
        answers.repeat,
    ),
    Rule("prompt", _sounds("after me"), "With pleasure. What shall I repeat?"),
    Rule("spell", _sounds(r"spell(?: the word| me)? (?P<what>\w[\w ]*)"), answers.spell),
    Rule(
        "count",
        _sounds(
            # "count" is often heard as one of the others
            r"(?:count|(?:down|town|pound|account)(?= (?:from|to|two|too) ))"
            r"(?: (?P<down>down|backwards?))?"
            rf"(?: from (?P<first>{_NUMBER}))?(?: {_TO} (?P<last>{_NUMBER}))?(?: for me| please)*$"
        ),
        answers.count,
    ),
    Rule(
        "arithmetic",
        _sounds(
            "plus",
            "minus",
            "times",
            "divided?",
            "invited",
            "multiplied",
            "added",
            "less",
            "take",
            "x",
        ),
        answers.work_out,
    ),
    Rule(
        "goodbye",
        _sounds(
            "good ?(?:bye|by|buy|night)", "bye", "^(?:by|buy)(?: by| buy)?$", "see you", "farewell"
        ),
        answers.goodbye,
        tool=HANG_UP,
    ),
    Rule("hang up", _sounds("hang up", "end the call"), "All right. Goodbye!", tool=HANG_UP),
    Rule(
        "stop",
        _sounds(
            "^(?:no |ok |okay |please )*(?:stop|wait|hold on|(?:be )?quiet|enough|cancel|shut up)",
            "never ?mind",
            "that is enough",
            "stop(?: it| that)?(?: please)?$",
        ),
        "All right.",
    ),
    Rule(
        "tell name",
        _sounds(
            "what(?: is| was)? my name",
            "who am i$",
            "(?:know|remember|forget|guess|say|repeat) my name(?! is)",
        ),
        answers.tell_name,
    ),
    Rule(
        "remember name",
        _sounds("my names?(?: is)?", "i am called", "call me"),
        answers.remember_name,
    ),
    Rule("story", _sounds("stor(?:y|ies)", "(?:fairy )?tale"), tales.STORY),
    Rule(
        "joke",
        _sounds("jokes?", "make me laugh", "something funny", "another(?: one)?$", "one more$"),
        answers.joke,
    ),
    Rule(
        "who",
        _sounds(
            "(?:who|what|here) are you",
            "your name",
            "about yourself",
            "who (?:is this|is there|am i)",
            "are you (?:a |an )?(?:real|robot|human|person|bot|machine|computer|ai|demo)",
            "(?:real|which|what|language) model",
            "connect (?:a|you|to)",
            "how do i (?:connect|set)",
        ),
        tales.WHO,
    ),
    Rule(
        "abilities",
        _sounds(
            "what (?:else )?can (?:you|i)",
            "what (?:else )?do you (?:do|know)",
            "what are you able",
            "help",
            "your abilities",
        ),
        tales.ABILITIES,
    ),
    Rule(
        "again",
        _sounds(
            "(?:say|repeat|tell me) (?:that|this|it|again)",
            "what did you say",
            "pardon",
            "come again",
            "once more",
        ),
        answers.say_again,
    ),
    Rule(
        "time",
        _sounds("what time", "(?:is|tell me|know|have) the time", "time is it", "what hour"),
        answers.tell_time,
    ),
    Rule(
        "date",
        _sounds("(?:what|which) (?:day|date|month|year)", "the date", "what is today", "day is it"),
        answers.tell_date,
    ),
    Rule("thanks", _sounds("thank you", "thanks"), "You are welcome!"),
    Rule("feeling", _sounds("how are you", "how do you do"), "I am fine, thank you. And you?"),
    Rule("line check", _sounds("can you hear me", "testing", "^test$"), "Yes, I hear you well."),
    Rule(
        "greeting",
        _sounds(r"^(?:\w+ )?(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: \w+){0,4}$"),
        answers.greet,
    ),
)
