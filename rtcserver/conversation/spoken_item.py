"""The item of one spoken reply: told as it is heard, and cut to what was."""

from collections.abc import Iterator

from msgspec import structs

from rtcserver.audio.format import milliseconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation.earshot import Earshot
from rtcserver.conversation.heard import Utterance
from rtcserver.conversation.history import History
from rtcserver.realtime.events.conversation import ConversationItemTruncated
from rtcserver.realtime.events.rtc import RtcHeard
from rtcserver.realtime.items import Message, OutputAudio


class SpokenItem:
    """All positions are samples of the reply's audio."""

    def __init__(self, response_id: str, item_id: str, history: History) -> None:
        self.utterance = Utterance()
        self.playing = False
        self.played_out = False
        self._response_id, self._item_id = response_id, item_id
        self._history = history
        self._earshot = Earshot(self.utterance)

    @property
    def silent(self) -> bool:
        """Nothing of what there is of it is left to hear."""
        return self.played_out or self._earshot.stopped or not self.utterance.samples

    @property
    def stopped(self) -> bool:
        """It was being played when the client stopped it."""
        return self.playing and not self.played_out and self._earshot.stopped

    def start(self) -> Iterator[fx.Effect]:
        """Its first sample is being heard."""
        self.playing = True
        yield from self._tell("", 0)

    def play(self, played: int) -> Iterator[fx.Effect]:
        """So much of it is heard by now."""
        if self.playing and not self.silent and self._earshot.grows(played):
            yield from self._tell(self._earshot.told, played)

    def play_out(self) -> Iterator[fx.Effect]:
        """It was played to its end."""
        self.played_out = True
        yield from self._tell_final()

    def cut(self, played: int) -> Iterator[fx.Effect]:
        """Our wire played no more; let the item, if there is one, say no more than that. A client
        that plays by itself may have told better already."""
        if self._earshot.reckon(played):
            yield from self._tell_cut()

    def truncate(self, end: int, *, plays_itself: bool) -> Iterator[fx.Effect]:
        """The client says how much its listener heard."""
        self._earshot.learn(end, plays_itself=plays_itself)
        yield from self._tell_cut()

    def settle(self) -> None:
        """No more of it will be made: what will never be spoken was not said."""
        if not (self.utterance.whole and self._earshot.whole):
            self._shorten()

    def _tell_cut(self) -> Iterator[fx.Effect]:
        if self._shorten():
            heard_ms = milliseconds(self._earshot.samples)
            yield fx.Send(ConversationItemTruncated(item_id=self._item_id, audio_end_ms=heard_ms))
            yield from self._tell_final()

    def _shorten(self) -> bool:
        """False if there is no item."""
        item = self._history.find(self._item_id)
        if isinstance(item, Message):
            part = OutputAudio(transcript=self._earshot.text)
            self._history.replace(structs.replace(item, content=(part,), status="incomplete"))
        return isinstance(item, Message)

    def _tell_final(self) -> Iterator[fx.Effect]:
        yield from self._tell(self._earshot.text, self._earshot.samples, final=True)

    def _tell(self, text: str, played: int, *, final: bool = False) -> Iterator[fx.Effect]:
        yield fx.Send(
            RtcHeard(
                response_id=self._response_id,
                item_id=self._item_id,
                text=text,
                audio_ms=milliseconds(played),
                final=final,
            )
        )
