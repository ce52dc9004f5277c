"""What is often said to the demo agent, as a grammar that the recogniser tries beside free speech.

Nobody is held to it: `sounds_like` tells whether it was really said. What goes on in words of the
caller's own, like a name, has no place here.
"""

from collections.abc import Sequence

from rtcserver.text.edits import edits

GRAMMAR = """#JSGF V1.0;
grammar phrases;
<unit> = one | two | three | four | five | six | seven | eight | nine;
<teen> = ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen
  | nineteen;
<tens> = twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety;
<below> = <unit> | <teen> | <tens> [<unit>];
<number> = zero | <below> | (<unit> | a) hundred [[and] <below>];
<operator> = plus | minus | times | divided by | multiplied by;
<sum> = [what is | what's | how much is] <number> <operator> <number> [<operator> <number>];
<count> = count [down] [from <number>] [to <number>];
<tale> = tell me (a | another) (joke | story) | another joke;
<time> = what time is it [now] | what day is it [today] | what is the (time | date)
  | tell me the (time | date);
<who> = who are you | what is your name | what can you do | help [me] | what is my name
  | who am i;
<talk> = hello [there] | hi [there] | good (morning | afternoon | evening)
  | how are you [today] | thank you [very much] | thanks | can you hear me;
<control> = stop | wait | hold on | be quiet | say that again | repeat that | what did you say
  | goodbye | bye [bye] | hang up | good night | see you [later];
public <phrase> = <sum> | <count> | <tale> | <time> | <who> | <talk> | <control>;
"""
"""JSpeech Grammar Format, https://www.w3.org/TR/jsgf/."""

_FARTHEST = 0.3
"""Part of the sounds that may differ. Misheard phrases are below it ("what is true plus three"
0.08, "to argue" for "who are you" 0.29), other sentences above ("tell me a secret" for "tell me
a story" 0.33)."""


def sounds_like(free: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the sounds of `free`, the best guess without a grammar, are those of `phrase`, but
    for a few that are misheard easily."""
    longest = max(len(free), len(phrase))
    return bool(phrase) and edits(free, phrase) <= _FARTHEST * longest
