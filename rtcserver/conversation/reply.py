"""One response on its way to the caller's ear."""

from collections.abc import Iterable, Iterator
from typing import Any

from rtcserver.audio.format import SAMPLE_RATE, from_milliseconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.history import History
from rtcserver.conversation.response import ResponseLife
from rtcserver.conversation.spoken_item import SpokenItem
from rtcserver.conversation.tool_offer import Offer
from rtcserver.conversation.usage import Counted, Meter
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events.error import server_error
from rtcserver.realtime.events.response import ResponseStatus
from rtcserver.realtime.formats import AudioFormatName

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
        offer: Offer,
        meter: Meter,
        output_format: AudioFormatName,
        timing: fx.TurnTiming | None = None,
    ) -> None:
        self.life = life
        self.offer = offer
        self.meter = meter
        self.output_format = output_format
        self.timing = timing
        self.item = SpokenItem(life.id, life.item_id, history)
        self.released = False

    @property
    def over(self) -> bool:
        """Made to its end, and nothing of it left to hear."""
        return self.life.over and self.item.silent

    @property
    def stopped(self) -> bool:
        """Over because the client has stopped playing it."""
        return self.life.over and self.item.stopped

    def release(self) -> fx.ReleaseReply:
        self.released = True
        return fx.ReleaseReply(self.life.id, self.life.item_id, self.output_format, self.timing)

    def refuse(self, failure: inputs.ReplyFailed) -> Iterator[fx.Effect]:
        """Announce it, though it cannot be made."""
        yield from send(self.life.created())
        yield from self.take(failure)

    def protected(self, played: int) -> bool:
        """Is the first word still sounding? What is heard now may be its echo."""
        if not self.item.playing or self.item.played_out:
            return False
        end = int((self.item.utterance.first_word_end_s or 0.0) * SAMPLE_RATE)
        return played < min(max(end, _PROTECT_AT_LEAST), _PROTECT_AT_MOST)

    def take(self, event: inputs.ReplyInput) -> Iterator[fx.Effect]:
        """Something more of it was made."""
        match event:
            case inputs.ReplyText(delta=delta, said=said):
                self.item.utterance.add_text(delta, said)
                self.meter.wrote(delta)
                yield from send(self.life.say(delta))
            case inputs.ReplyWord(text=text, start_s=start_s, stop_s=stop_s):
                self.item.utterance.add_word(text, start_s, stop_s)
            case inputs.ReplyAudio(samples=samples):
                self.item.utterance.add_audio(samples)
            case inputs.ReplyBroken():
                self.item.utterance.break_off()
            case inputs.ReplyEnded(usage=usage, complete=complete):
                self.item.utterance.whole = True
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

    def _end(
        self, status: ResponseStatus, counted: Counted | None = None, **details: Any
    ) -> Iterator[fx.Effect]:
        """Text runs ahead of the voice: what will never be spoken of it was not said."""
        why = {"type": status, **details} if details else None
        usage = self.meter.usage(counted, self.item.utterance.samples)
        yield from send(self.life.done(status, details=why, usage=usage))
        if self.life.spoken:
            self.item.settle()


def send(events: Iterable[ServerEvent]) -> Iterator[fx.Effect]:
    return map(fx.Send, events)
