"""What is said in the tests' conversations, and what must be answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`answer` is what the demo agent says to it; `heard` must be in the transcript."""

    said: str
    heard: str
    answer: str


FIVE_TURNS = (
    Line(
        "hello there",
        "hello",
        "Hello there! I am the built-in demo, a small set of rules. "
        "Tell me your name, or ask what I can do.",
    ),
    Line("my name is martin", "martin", "Nice to meet you, Martin. I will remember that."),
    Line("what is my name", "my name", "Your name is Martin."),
    Line("what is two plus three", "two plus three", "Two plus three is five."),
    Line("goodbye", "goodbye", "Goodbye, Martin! It was nice to talk to you."),
)

HANG_UP_TOOL = {
    "type": "function",
    "name": "hang_up",
    "description": "End the call after saying goodbye",
    "parameters": {"type": "object", "properties": {}},
}
