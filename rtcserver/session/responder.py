"""One reply in the making: chat model to words to voice, ahead of its release."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import structlog

from rtcserver import metrics
from rtcserver.audio.format import Samples
from rtcserver.audio.framing import Framer
from rtcserver.conversation import inputs
from rtcserver.conversation.effects import PrepareReply, ReleaseReply
from rtcserver.conversation.usage import Counted
from rtcserver.errors import ServiceError, ServiceFailed, first_cause
from rtcserver.services.llm.base import ChatModel, Finish, TextDelta, ToolCall, Usage
from rtcserver.services.tts.base import SpokenAudio, Synthesizer, Voice
from rtcserver.session.latency import TurnLatency
from rtcserver.session.tempo import at_speed
from rtcserver.text.spoken import spoken
from rtcserver.text.words import WordCutter
from rtcserver.transports.base import AudioPart, Transport

_MADE_AHEAD = 1024  # things made and not delivered yet: 80 s of audio
_WORDS_AHEAD = 1024

Made = inputs.ReplyInput | Samples

_log = structlog.get_logger(__name__)


class Responder:
    """make() fills a bounded queue from the first moment; deliver() empties it once released."""

    def __init__(self, plan: PrepareReply, chat: ChatModel, synthesizer: Synthesizer) -> None:
        self.latency = TurnLatency()
        self._plan, self._chat, self._synthesizer = plan, chat, synthesizer
        self._made: asyncio.Queue[Made | None] = asyncio.Queue(_MADE_AHEAD)
        self._words: asyncio.Queue[str | None] = asyncio.Queue(_WORDS_AHEAD)
        self._released = asyncio.Event()
        self._part = AudioPart("", "")
        self._end: inputs.ReplyEnded | inputs.ReplyFailed = inputs.ReplyEnded(plan.response_id)

    @property
    def spoken(self) -> bool:
        return self._plan.voice is not None

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
            async with asyncio.TaskGroup() as tasks:
                if self._plan.voice is not None:
                    tasks.create_task(self._speak(self._plan.voice), name="speak")
                await self._think()
        except* ServiceError as errors:
            cause = first_cause(errors)
            # Not its text: a chat model may quote there what was said. /health tells more.
            _log.warning("reply failed", service=cause.service, kind=type(cause).__name__)
            self._end = inputs.ReplyFailed(
                self._plan.response_id, f"{cause.service}_failed", str(cause)
            )
        await self._made.put(None)

    async def _think(self) -> None:
        cutter = WordCutter()
        async with aclosing(self._chat.stream(self._plan.request)) as stream:
            async for event in stream:
                match event:
                    case TextDelta(text=text):
                        self.latency.mark("llm")
                        for word in cutter.push(text):
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
            await self._word(word)
        await self._words.put(None)

    async def _word(self, word: str) -> None:
        metrics.LLM_WORDS.inc()
        await self._made.put(inputs.ReplyText(self._plan.response_id, word))
        if self.spoken and (sayable := spoken(word)):
            await self._words.put(sayable)

    async def _speak(self, voice_name: str) -> None:
        voice = at_speed(await self._synthesizer.open(voice_name), self._plan.speed)
        try:
            async with asyncio.TaskGroup() as tasks:
                dictating = tasks.create_task(self._dictate(voice), name="dictate")
                sounded = await self._record(voice)
            if dictating.result() and not sounded:
                raise ServiceFailed("tts", "not a sound came of the words")
        finally:
            await voice.close()

    async def _dictate(self, voice: Voice) -> int:
        """Returns how many words there were."""
        words = 0
        while (word := await self._words.get()) is not None:
            await voice.say(word)
            words += 1
        await voice.end()
        return words

    async def _record(self, voice: Voice) -> bool:
        """Whether there was any sound."""
        framer, sounded = Framer(), False
        async with aclosing(voice.events()) as events:
            async for event in events:
                if isinstance(event, SpokenAudio):
                    sounded = True
                    self.latency.mark("tts")
                    for frame in framer.push(event.samples):
                        await self._made.put(frame)
                else:
                    await self._made.put(
                        inputs.ReplyWord(
                            self._plan.response_id, event.text, event.start_s, event.stop_s
                        )
                    )
        if (rest := framer.pad()) is not None:
            await self._made.put(rest)
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
