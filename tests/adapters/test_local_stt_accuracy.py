"""How much the built-in recogniser understands of callers whom it has never heard before."""

from collections.abc import Iterator

import pytest

from rtcserver.text.edits import edits
from tests.adapters.local_service import Service, connected, running
from tests.adapters.recogniser import PATH, mark, ready, speak, spoken, words

PHRASES = (
    "hello there",
    "my name is martin",
    "what is my name",
    "what is seven plus four",
    "how much is twenty divided by five",
    "tell me another joke",
    "count down from five",
    "who are you",
    "thank you very much",
    "goodbye",
)
OTHER_SENTENCES = (
    "i went to the market yesterday",
    "the weather is nice this morning",
    "please open the window in the kitchen",
    "we should talk about the project tomorrow",
    "tell me a secret",
    "what time does the train leave",
    "do you like music",
    "he bought two tickets for the show",
    "they played football in the park",
    "i think that is a good idea",
)
VOICES = ("rms", "awb", "kal16")
MOST_ERRORS = 0.1  # of all words


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("rtcserver.local.stt_server") as service:
        yield service


async def heard(service: Service, text: str, voice: str) -> str:
    """What is understood of the first words of a new caller."""
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, spoken(text, voice))
        return words(await mark(client, 1))


async def test_nine_words_of_ten_are_right(service: Service) -> None:
    count = wrong = 0
    for voice in VOICES:
        for text in PHRASES + OTHER_SENTENCES:
            understood = await heard(service, text, voice)
            count += len(text.split())
            wrong += edits(text.split(), understood.split())
    assert wrong / count < MOST_ERRORS


async def test_what_is_asked_of_the_demo_is_heard_by_every_new_caller(service: Service) -> None:
    for _ in range(8):
        question = "what is two plus three"
        assert await heard(service, question, "rms") == question
