"""Keep the conversation within what the chat model can read: its oldest messages go first.

https://platform.openai.com/docs/guides/realtime-conversations, "truncation"
"""

from collections.abc import Sequence

from rtcserver.realtime.base import given
from rtcserver.realtime.session_options import MaxTokens, RetentionRatio, Truncation

_LARGEST_ANSWER = 4_096  # the largest max_output_tokens there is


class ContextTooLong(Exception):
    """The conversation does not fit, and the session forbids to shorten it."""


def room(context_tokens: int, fixed: int, answer: MaxTokens) -> int:
    """Tokens left for the conversation beside `fixed` ones of instructions and tools. An answer
    keeps its room too, but never more than half of all."""
    longest = answer if isinstance(answer, int) else _LARGEST_ANSWER
    return max(0, context_tokens - fixed - min(longest, context_tokens // 2))


def to_drop(costs: Sequence[int], space: int, truncation: Truncation) -> int:
    """How many of the oldest messages have to go, when they cost so many tokens and there is so
    much space. The newest always stays. Raises ContextTooLong."""
    target = space
    if isinstance(truncation, RetentionRatio):
        limits = given(truncation.token_limits)
        custom = given(limits.post_instructions) if limits else None
        space = space if custom is None else min(space, custom)
        target = int(space * truncation.retention_ratio)
    total = sum(costs)
    if total <= space:
        return 0
    if truncation == "disabled":
        raise ContextTooLong(f"The conversation has about {total} tokens; {space} fit.")
    dropped = 0
    while total > target and dropped < len(costs) - 1:
        total -= costs[dropped]
        dropped += 1
    return dropped
