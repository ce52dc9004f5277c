"""Count the words that the built-in recogniser gets wrong of callers it has never heard before."""

from rtcserver.text.edits import edits
from tests.adapters.local_service import Service, connected
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
MOST_ERRORS = 0.1  # of all words, in the mean of the voices


async def heard(service: Service, text: str, voice: str) -> str:
    """What is understood of the first words of a new caller."""
    async with connected(service.url + PATH) as client:
        await ready(client)
        await speak(client, spoken(text, voice))
        return words(await mark(client, 1))


async def word_error_rate(service: Service, voice: str) -> float:
    """Of all sentences, each said by a caller of its own."""
    count = wrong = 0
    for text in PHRASES + OTHER_SENTENCES:
        understood = await heard(service, text, voice)
        count += len(text.split())
        wrong += edits(text.split(), understood.split())
    return wrong / count
