"""Speak to the built-in recogniser, and read what it has understood."""

import numpy as np

from rtcserver.audio.format import SAMPLE_RATE, SAMPLES_PER_FRAME, Samples, silence
from tests.adapters.local_service import Client, Message
from tests.needed import missing
from tests.speech import VOICE, utterance

PATH = "/api/asr-streaming"


def spoken(text: str, voice: str = VOICE) -> Samples:
    """The words amid half a second of silence, in whole frames."""
    try:
        said = utterance(text, voice)
    except OSError:
        missing("nothing to speak with: install libflite1")
    quiet = silence(SAMPLE_RATE // 2)
    whole = np.concatenate((quiet, said, quiet))
    return np.concatenate((whole, silence(-len(whole) % SAMPLES_PER_FRAME)))


async def ready(client: Client) -> None:
    assert await client.receive() == {"type": "Ready"}


async def speak(client: Client, samples: Samples) -> None:
    for start in range(0, len(samples), SAMPLES_PER_FRAME):
        frame = samples[start : start + SAMPLES_PER_FRAME] / 32_768
        await client.send({"type": "Audio", "pcm": frame.tolist()})


async def mark(client: Client, number: int) -> list[Message]:
    """Send a Marker; what comes until it is back."""
    await client.send({"type": "Marker", "id": number})
    messages = await client.until("Marker")
    assert messages[-1] == {"type": "Marker", "id": number}
    return messages


def words(messages: list[Message]) -> str:
    return " ".join(message["text"] for message in messages if message["type"] == "Word")
