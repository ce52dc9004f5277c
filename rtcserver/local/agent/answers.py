"""Find the words of those answers that depend on what was said."""

import re
from dataclasses import dataclass
from datetime import datetime

from rtcserver.local.agent.dates import date, time_of_day
from rtcserver.local.agent.listen import plain
from rtcserver.local.agent.numbers import read_number
from rtcserver.local.agent.numerals import cardinal
from rtcserver.local.agent.sums import answer_sum
from rtcserver.local.agent.tales import GREETING, JOKES
from rtcserver.local.agent.talk import Talk, name_in

_MOST_COUNTED = 100
_LONGEST_SPELLED = 30  # letters
_WRITTEN = re.compile(
    r"(?:after me|(?:repeat|say)(?! after me))\b[\s,:.\"']*(.+)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer has to go on. Each function below returns None where it has no answer."""

    talk: Talk
    match: re.Match[str]
    now: datetime


def repeat(heard: Heard) -> str:
    """As it was written, capitals and all, where the text can be found there."""
    said = heard.match["what"]
    written = _WRITTEN.search(heard.talk.asked[-1])
    if written and plain(written[1]) == said:
        said = written[1].strip(" \"'\n")
    return _capital(said) + ("" if said[-1] in ".!?" else ".")


def work_out(heard: Heard) -> str | None:
    return answer_sum(heard.match.string)


def spell(heard: Heard) -> str:
    what = heard.match["what"]
    word = heard.talk.name if what == "my name" else what.replace(" ", "")
    if word is None:
        return "I do not know your name yet. What is it?"
    return f"Here you are. {', '.join(word[:_LONGEST_SPELLED].upper())}."


def count(heard: Heard) -> str | None:
    down = heard.match["down"] is not None
    begin = _number(heard.match["first"], 10 if down else 1)
    end = _number(heard.match["last"], 0 if down else 10)
    if begin is None or end is None:
        return None
    step = 1 if end >= begin else -1
    counted = range(begin, end + step, step)[:_MOST_COUNTED]
    more = "" if counted[-1] == end else " That is enough for now."
    return _capital(", ".join(cardinal(n) for n in counted)) + f".{more}"


def greet(heard: Heard) -> str:
    if not heard.talk.answered:
        return GREETING
    return f"Hello again{_comma_name(heard)}! What can I do for you?"


def remember_name(heard: Heard) -> str | None:
    name = name_in(heard.match.string)
    return f"Nice to meet you, {name}. I will remember that." if name else None


def tell_name(heard: Heard) -> str:
    name = heard.talk.name
    return f"Your name is {name}." if name else "I do not know yet. Please tell me your name."


def tell_time(heard: Heard) -> str:
    return f"It is {time_of_day(heard.now)}."


def tell_date(heard: Heard) -> str:
    return f"Today is {date(heard.now)}."


def joke(heard: Heard) -> str:
    """Another one each time, however often the earlier ones were cut short."""
    return JOKES[heard.talk.times_asked(heard.match.re) % len(JOKES)]


def say_again(heard: Heard) -> str:
    return heard.talk.answered[-1] if heard.talk.answered else "I did not say anything yet."


def goodbye(heard: Heard) -> str:
    return f"Goodbye{_comma_name(heard)}! It was nice to talk to you."


def _comma_name(heard: Heard) -> str:
    return f", {heard.talk.name}" if heard.talk.name else ""


def _number(spoken: str | None, default: int) -> int | None:
    """The whole number a phrase begins with; what follows ("ten please") does not matter."""
    if spoken is None:
        return default
    read = read_number(spoken.split())
    return int(read[0]) if read else None


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
