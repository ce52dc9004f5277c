"""Answer anything else by turning it round, as ELIZA did (Weizenbaum, 1966)."""

import re

_SWAPS = {
    "i am": "you are",
    "you are": "I am",
    "i was": "you were",
    "you were": "I was",
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "you": "me",
    "your": "my",
    "yours": "mine",
    "yourself": "myself",
}
_SWAPPED = re.compile(rf"\b(?:{'|'.join(_SWAPS)})\b")  # the longer ones stand first
_TURNS = tuple(
    (re.compile(pattern), answer)
    for pattern, answer in (
        (r"\bbecause\b", "That is a reason. Is it the only one?"),
        (r"\bi (?:feel|am feeling) (.+)", "I hear you. Why do you feel {}?"),
        (r"\bi am (.+)", "I see. How long have you been {}?"),
        (r"\bi (need|want) (.+)", "I see. Why do you {} {}?"),
        (r"\bi (like|love|hate|miss) (.+)", "Tell me more. What do you {} about {}?"),
        (r"\bi (?:think|believe|guess) (.+)", "That is interesting. Why do you think {}?"),
        (r"\bi can not (.+)", "Maybe you can. What keeps you from it?"),
        (r"^(?:are|can|could|do|will|would) you (.+)", "I am only a demo. What if I did?"),
        (r"^(?:why|how|when|where|who|which)\b", "That is beyond me. What do you think?"),
        (r"^what\b", "I do not know that. I am only a small demo."),
        (r"\bmy (.+)", "Tell me more. What about your {}?"),
        (r"^(?:yes|yeah|yep|sure|ok|okay|right)$", "Very good. Please go on."),
        (r"^(?:no|nope|not really)$", "All right. Why not?"),
    )
)
_OPEN = (
    'You said "{}". Tell me more about that.',
    'I heard "{}". What makes you say so?',
    'So, "{}". How do you feel about that?',
)
_LONGEST = 8  # words of an echo that still sounds natural


def reflect(words: str, turn: int) -> str:
    """An answer that picks up the user's own `words` (plain); `turn` varies the open ones."""
    for pattern, answer in _TURNS:
        if match := pattern.search(words):
            return answer.format(*(_turned(group) for group in match.groups()))
    return _OPEN[turn % len(_OPEN)].format(" ".join(words.split()[:_LONGEST]))


def _turned(words: str) -> str:
    """My side becomes yours: "my sister and me" -> "your sister and you"."""
    few = " ".join(words.split()[:_LONGEST])
    return _SWAPPED.sub(lambda match: _SWAPS[match[0]], few)
