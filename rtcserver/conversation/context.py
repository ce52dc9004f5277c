"""What a chat model is asked: messages, tools, limits. Shapes as in OpenAI chat completions."""

from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]
"""{"role": "system"|"user"|"assistant"|"tool", "content": str, …}"""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    """Each {"type": "function", "function": {"name", "description", "parameters"}}."""
    tool_choice: str | dict[str, Any] | None = None
    max_tokens: int | None = None
