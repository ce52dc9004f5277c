"""A voice at another pace, whoever speaks: the `speed` of a session's audio output."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from rtcserver.audio.stretch import Stretcher
from rtcserver.services.tts.base import Spoken, SpokenAudio, SpokenWord, Voice


def at_speed(voice: Voice, speed: float) -> Voice:
    """The very same voice at a speed of 1."""
    return voice if speed == 1 else _Paced(voice, speed)


class _Paced:
    """Audio is stretched and word times with it, so that what was heard stays true."""

    def __init__(self, voice: Voice, speed: float) -> None:
        self._voice, self._speed = voice, speed

    async def say(self, word: str) -> None:
        await self._voice.say(word)

    async def end(self) -> None:
        await self._voice.end()

    async def events(self) -> AsyncGenerator[Spoken, None]:
        stretcher, sounded = Stretcher(self._speed), False
        async with aclosing(self._voice.events()) as events:
            async for event in events:
                match event:
                    case SpokenAudio(samples=samples):
                        sounded = True
                        yield SpokenAudio(stretcher.push(samples))
                    case SpokenWord(text=text, start_s=start_s, stop_s=stop_s):
                        yield SpokenWord(text, start_s / self._speed, stop_s / self._speed)
        if sounded:
            yield SpokenAudio(stretcher.flush())

    async def close(self) -> None:
        await self._voice.close()
