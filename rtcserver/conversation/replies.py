"""The assistant's side: replies are made, released one after another, heard, or cut short."""

from collections.abc import Iterator

from rtcserver.audio.format import from_milliseconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.history import History
from rtcserver.conversation.reply import Reply, send
from rtcserver.conversation.spoken_item import SpokenItem
from rtcserver.conversation.tool_calls import ToolCalls
from rtcserver.errors import ProtocolError
from rtcserver.realtime.events import output_audio_buffer as buf
from rtcserver.realtime.events.conversation import ConversationItemTruncated

_MOST_ASIDE = 16  # at once; each holds a stream of the chat model, and may hold a voice


class Replies:
    """At most one reply is heard at a time; the next one waits for it, already being made."""

    def __init__(self, history: History, calls: ToolCalls, *, owns_playback: bool) -> None:
        self._history = history
        self._calls = calls
        self._owns_playback = owns_playback
        self._queue: list[Reply] = []
        self._aside: list[Reply] = []  # written ones that belong to no conversation
        # By item id, for a later truncation; a whole reply knows all that was asked for it.
        self._spoken: dict[str, SpokenItem] = {}

    @property
    def current(self) -> Reply | None:
        return self._queue[0] if self._queue else None

    @property
    def active(self) -> Reply | None:
        """The reply to the conversation that is still being made, if there is one."""
        return next((r for r in self._queue if r.life.in_conversation and not r.life.over), None)

    def making(self, response_id: str) -> Reply | None:
        """Any reply still being made."""
        reply = self._find(response_id)
        return reply if reply and not reply.life.over else None

    def check_aside(self) -> None:
        """Raises ProtocolError if one more beside the conversation would be too many."""
        aside = [r for r in (*self._queue, *self._aside) if not r.life.in_conversation]
        if len(aside) >= _MOST_ASIDE:
            raise ProtocolError(
                f"{_MOST_ASIDE} responses are being made beside the conversation already.",
                code="rate_limit_exceeded",
            )

    def start(self, reply: Reply) -> Iterator[fx.Effect]:
        """Announce a reply that is being made, and let it out as soon as it is its turn. One
        that is not heard and belongs to no conversation need not wait for any turn."""
        yield from send(reply.life.created())
        if reply.life.spoken or reply.life.in_conversation:
            self._queue.append(reply)
        else:
            self._aside.append(reply)
            yield reply.release()
        yield from self._advance()

    def cancel(self, reply: Reply, reason: str) -> Iterator[fx.Effect]:
        """Stop making a reply; what was made may still be heard."""
        yield from reply.cancel(reason)
        yield from self._advance()

    def interrupt(self, played: int, reason: str) -> Iterator[fx.Effect]:
        """Silence: everything is dropped and cut to what was heard of it, but for what is written
        aside."""
        replies, self._queue = self._queue, []
        if replies:
            yield fx.ClearPlayback()
        for reply in replies:
            yield from reply.cancel(reason)
            if reply.item.playing and self._owns_playback:
                yield fx.Send(buf.OutputAudioBufferCleared(response_id=reply.life.id))
            if reply.life.spoken:
                yield from reply.item.cut(played if reply.item.playing else 0)

    def truncate(self, item_id: str, audio_end_ms: int, *, hushes: bool) -> Iterator[fx.Effect]:
        """The client says what its listener heard; more than there is means all of it. If it
        `hushes` and plays by itself, no more of that reply is made."""
        item = self._spoken.get(item_id)
        if item is None:
            yield fx.Send(ConversationItemTruncated(item_id=item_id, audio_end_ms=audio_end_ms))
            return
        plays_itself = not self._owns_playback
        if hushes and plays_itself:
            for reply in [reply for reply in self._queue if reply.item is item]:
                yield from reply.cancel("client_cancelled")
        yield from item.truncate(from_milliseconds(audio_end_ms), plays_itself=plays_itself)
        yield from self._advance()

    def handle(self, event: inputs.ReplyInput) -> Iterator[fx.Effect]:
        """Something was made of a reply. Late news of a dropped one is ignored."""
        reply = self._find(event.response_id)
        if reply is None or reply.life.over:
            return
        if isinstance(event, inputs.ReplyToolCall):
            yield from self._calls.made(reply.life, reply.offer, event)
        else:
            yield from reply.take(event)
        if reply.life.spoken:
            self._spoken[reply.life.item_id] = reply.item
        yield from self._advance()

    def playback(
        self, event: inputs.PlaybackStarted | inputs.PlaybackStopped
    ) -> Iterator[fx.Effect]:
        """The listener's ear, as far as the wire knows it."""
        reply = self._find(event.response_id)
        if reply is None:
            return
        kind: type[buf.OutputAudioBufferStarted | buf.OutputAudioBufferStopped]
        starts = isinstance(event, inputs.PlaybackStarted)
        kind = buf.OutputAudioBufferStarted if starts else buf.OutputAudioBufferStopped
        if self._owns_playback:
            yield fx.Send(kind(response_id=event.response_id))
        yield from reply.item.start() if starts else reply.item.play_out()
        yield from self._advance()

    def _advance(self) -> Iterator[fx.Effect]:
        """Let go of replies that are over; release the first of the others."""
        if (current := self.current) and current.stopped:
            yield fx.ClearPlayback()
        self._queue = [reply for reply in self._queue if not reply.over]
        self._aside = [reply for reply in self._aside if not reply.over]
        reply = self.current
        if reply is not None and not reply.released:
            yield reply.release()

    def _find(self, response_id: str) -> Reply | None:
        replies = (*self._queue, *self._aside)
        return next((reply for reply in replies if reply.life.id == response_id), None)
