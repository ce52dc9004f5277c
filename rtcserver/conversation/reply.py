"""One response on its way to the caller's ear."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import structs

from rtcserver.audio.format import SAMPLE_RATE, from_milliseconds, milliseconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.heard import Utterance
from rtcserver.conversation.history import History
from rtcserver.conversation.response import ResponseLife
from rtcserver.conversation.usage import Counted, Meter
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events.conversation import ConversationItemTruncated
from rtcserver.realtime.events.error import server_error
from rtcserver.realtime.events.response import ResponseStatus
from rtcserver.realtime.formats import AudioFormatName
from rtcserver.realtime.items import Message, OutputAudio

# The caller's echo of the first word comes back within the word, but the word may have no
# times yet, or be a long one: protection lasts at least and at most so long.
_PROTECT_AT_LEAST = from_milliseconds(250)
_PROTECT_AT_MOST = from_milliseconds(1_000)


class Reply:
    """Its life on the wire, its words against its audio, and how far it has got."""

    def __init__(
        self,
        life: ResponseLife,
        history: History,
        meter: Meter,
        output_format: AudioFormatName,
        timing: fx.TurnTiming | None = None,
    ) -> None:
        self.life = life
        self.meter = meter
        self.output_format = output_format
        self.timing = timing
        self.utterance = Utterance()
        self.released = False
        self.playing = False
        self.played_out = False
        self._history = history
        self._cut_at: int | None = None  # samples

    @property
    def over(self) -> bool:
        """Made to its end, and nothing of it left to hear."""
        return self.life.over and (self.played_out or not self.utterance.samples)

    def release(self) -> fx.ReleaseReply:
        self.released = True
        return fx.ReleaseReply(self.life.id, self.life.item_id, self.output_format, self.timing)

    def protected(self, played: int) -> bool:
        """Is the first word still sounding? What is heard now may be its echo."""
        if not self.playing or self.played_out:
            return False
        end = int((self.utterance.first_word_end_s or 0.0) * SAMPLE_RATE)
        return played < min(max(end, _PROTECT_AT_LEAST), _PROTECT_AT_MOST)

    def take(self, event: inputs.ReplyInput) -> Iterator[fx.Effect]:
        """Something more of it was made."""
        match event:
            case inputs.ReplyText(delta=delta):
                self.utterance.add_text(delta)
                self.meter.wrote(delta)
                yield from send(self.life.say(delta))
            case inputs.ReplyWord(text=text, start_s=start_s, stop_s=stop_s):
                self.utterance.add_word(text, start_s, stop_s)
            case inputs.ReplyAudio(samples=samples):
                self.utterance.add_audio(samples)
            case inputs.ReplyEnded(usage=usage, complete=complete):
                self.utterance.whole = True
                if complete:
                    yield from self._end("completed", usage)
                else:
                    yield from self._end("incomplete", usage, reason="max_output_tokens")
            case inputs.ReplyFailed(code=code, message=message):
                yield fx.Send(server_error(code, message))
                error = {"type": "server_error", "code": code, "message": message}
                yield from self._end("failed", error=error)

    def cancel(self, reason: str) -> Iterator[fx.Effect]:
        """Make no more of it."""
        if not self.life.over:
            yield fx.DropReply(self.life.id)
            yield from self._end("cancelled", reason=reason)

    def cut(self, played: int) -> Iterator[fx.Effect]:
        """Let the item, if there is one, say no more than `played` samples let be heard."""
        self._cut_at = played if self._cut_at is None else min(played, self._cut_at)
        if self._shorten():
            heard_ms = milliseconds(min(played, self.utterance.samples))
            item_id = self.life.item_id
            yield fx.Send(ConversationItemTruncated(item_id=item_id, audio_end_ms=heard_ms))

    def _end(
        self, status: ResponseStatus, counted: Counted | None = None, **details: Any
    ) -> Iterator[fx.Effect]:
        """Text runs ahead of the voice: what will never be spoken of it was not said."""
        why = {"type": status, **details} if details else None
        usage = self.meter.usage(counted, self.utterance.samples)
        yield from send(self.life.done(status, details=why, usage=usage))
        if self.life.spoken and not (self.utterance.whole and self._cut_at is None):
            self._shorten()

    def _shorten(self) -> bool:
        """False if there is no item."""
        item, samples = self._history.find(self.life.item_id), self.utterance.samples
        if not isinstance(item, Message):
            return False
        heard = self.utterance.heard(
            samples if self._cut_at is None else min(self._cut_at, samples)
        )
        part = OutputAudio(transcript=heard)
        self._history.replace(structs.replace(item, content=(part,), status="incomplete"))
        return True


def send(events: Iterable[ServerEvent]) -> Iterator[fx.Effect]:
    return map(fx.Send, events)
