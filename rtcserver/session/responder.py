"""One reply in the making: chat model to words to voice, ahead of its release."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any

import structlog

from rtcserver import metrics
from rtcserver.audio.format import Samples, seconds
from rtcserver.audio.framing import Framer
from rtcserver.conversation import inputs
from rtcserver.conversation.effects import PrepareReply, ReleaseReply
from rtcserver.conversation.usage import Counted
from rtcserver.errors import ServiceError, ServiceFailed, first_cause
from rtcserver.services.connect import count_failure
from rtcserver.services.llm.base import Finish, TextDelta, ToolCall, Usage
from rtcserver.services.tts.base import SpokenAudio, Voice
from rtcserver.session.apology import Apology
from rtcserver.session.latency import TurnLatency
from rtcserver.session.services import Services
from rtcserver.session.tempo import at_speed
from rtcserver.text.narration import Narration
from rtcserver.text.words import WordCutter
from rtcserver.transports.base import AudioPart, Transport

_MADE_AHEAD = 1024  # things made and not delivered yet: 80 s of audio
_WORDS_AHEAD = 1024

Made = inputs.ReplyInput | Samples

_log = structlog.get_logger(__name__)


class Responder:
    """make() fills a bounded queue from the first moment; deliver() empties it once released."""

    def __init__(self, plan: PrepareReply, services: Services, apology: Apology) -> None:
        self.latency = TurnLatency()
        self.spoken = plan.voice is not None
        self._plan, self._services, self._apology = plan, services, apology
        self._narration = Narration(services.spell)
        self._made: asyncio.Queue[Made | None] = asyncio.Queue(_MADE_AHEAD)
        self._words: asyncio.Queue[str | None] = asyncio.Queue(_WORDS_AHEAD)
        self._failed = self._written = False  # written: a word at least
        self._sounded = 0  # samples
        self._released = asyncio.Event()
        self._part = AudioPart("", "")
        self._end: inputs.ReplyEnded | inputs.ReplyFailed = inputs.ReplyEnded(plan.response_id)

    @property
    def released(self) -> bool:
        return self._released.is_set()

    def release(self, release: ReleaseReply) -> None:
        self._part = AudioPart(release.response_id, release.item_id)
        self.latency.released(release)
        self._released.set()

    async def run(self, transport: Transport, report: Callable[[inputs.ReplyInput], None]) -> None:
        """Until the reply is made and handed over. Cancel it to drop the reply."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._make(), name="make")
            await self._deliver(transport, report)

    async def _make(self) -> None:
        try:
            await self._say(self._think(), aloud=True)
        except* ServiceError as errors:
            await self._made.put(inputs.ReplyBroken(self._plan.response_id))
            await self._say_again(first_cause(errors))
        await self._made.put(None)

    async def _say(self, writing: Coroutine[Any, Any, None], *, aloud: bool) -> None:
        """All that is written, and an apology where that breaks off. Raises ServiceErrors of the
        voice."""
        async with asyncio.TaskGroup() as tasks:
            if aloud and self._plan.voice is not None:
                tasks.create_task(self._speak(self._plan.voice), name="speak")
            try:
                await writing
            except ServiceError as cause:
                await self._apologize(cause)
            await self._words.put(None)

    async def _say_again(self, cause: ServiceError) -> None:
        """The voice has broken: apologize with another one, or without."""
        self._words = asyncio.Queue(_WORDS_AHEAD)
        aloud = self._apology.audible(cause) and not self._failed
        try:
            await self._say(self._apologize(cause), aloud=aloud)
        except* ServiceError as errors:
            _log.warning("apology not spoken", service=first_cause(errors).service)

    async def _apologize(self, cause: ServiceError) -> None:
        """The response fails; one that is heard says so, once."""
        if self._failed:
            return
        self._failed = True
        # Not its text: a chat model may quote there what was said. /health tells more.
        _log.warning("reply failed", service=cause.service, kind=type(cause).__name__)
        code = f"{cause.service}_failed"
        self._end = inputs.ReplyFailed(self._plan.response_id, code, str(cause))
        self.latency.mark("llm")
        if self.spoken:
            self._narration = Narration(self._services.spell)  # what broke off may be half a link
            for word in self._apology.words(after_text=self._written):
                await self._word(word, aloud=self._apology.audible(cause))

    async def _think(self) -> None:
        cutter = WordCutter()
        async with aclosing(self._services.chat.stream(self._plan.request)) as stream:
            async for event in stream:
                match event:
                    case TextDelta(text=text):
                        self.latency.mark("llm")
                        for word in cutter.push(text):
                            metrics.LLM_WORDS.inc()
                            await self._word(word)
                    case ToolCall(call_id=call_id, name=name, arguments=arguments):
                        await self._made.put(
                            inputs.ReplyToolCall(self._plan.response_id, call_id, name, arguments)
                        )
                    case Usage():
                        counted = Counted(event.input_tokens, event.output_tokens)
                        self._end = inputs.ReplyEnded(self._plan.response_id, counted)
                    case Finish(reason="length"):
                        usage = getattr(self._end, "usage", None)
                        self._end = inputs.ReplyEnded(self._plan.response_id, usage, complete=False)
        for word in cutter.flush():
            metrics.LLM_WORDS.inc()
            await self._word(word)

    async def _word(self, word: str, *, aloud: bool = True) -> None:
        self._written = True
        said = self._narration.push(word) if aloud and self.spoken else ()
        await self._made.put(inputs.ReplyText(self._plan.response_id, word, said))
        for each in said:
            await self._words.put(each)

    async def _speak(self, voice_name: str) -> None:
        voice = at_speed(await self._services.synthesizer.open(voice_name), self._plan.speed)
        try:
            async with asyncio.TaskGroup() as tasks:
                dictating = tasks.create_task(_dictate(self._words, voice), name="dictate")
                sounded = await self._record(voice)
            if dictating.result() and not sounded:
                silent = ServiceFailed("tts", "not a sound came of the words")
                count_failure(silent)
                raise silent
        finally:
            await voice.close()

    async def _record(self, voice: Voice) -> bool:
        """Whether there was any sound."""
        framer, sounded = Framer(), False
        begins_s = seconds(self._sounded)  # an apology comes after what the reply has said
        async with aclosing(voice.events()) as events:
            async for event in events:
                if isinstance(event, SpokenAudio):
                    sounded = True
                    self.latency.mark("tts")
                    for frame in framer.push(event.samples):
                        await self._made.put(frame)
                        self._sounded += len(frame)
                else:
                    start_s, stop_s = begins_s + event.start_s, begins_s + event.stop_s
                    await self._made.put(
                        inputs.ReplyWord(self._plan.response_id, event.text, start_s, stop_s)
                    )
        if (rest := framer.pad()) is not None:
            await self._made.put(rest)
            self._sounded += len(rest)
        return sounded

    async def _deliver(
        self, transport: Transport, report: Callable[[inputs.ReplyInput], None]
    ) -> None:
        await self._released.wait()
        while (made := await self._made.get()) is not None:
            if isinstance(made, inputs.ReplyInput):
                report(made)
                continue
            await transport.write(made, self._part)
            metrics.FRAMES_OUT.inc()
            report(inputs.ReplyAudio(self._plan.response_id, len(made)))
        if self.spoken:
            transport.finish()
        report(self._end)


async def _dictate(words: asyncio.Queue[str | None], voice: Voice) -> int:
    """Returns how many words there were."""
    count = 0
    while (word := await words.get()) is not None:
        await voice.say(word)
        count += 1
    await voice.end()
    return count
