"""The caller's turn: from the first sound to an item with its transcript."""

from collections.abc import Iterator

from rtcserver.audio.format import milliseconds, seconds
from rtcserver.conversation.effects import Effect, FlushTranscriber, Send, TurnTiming
from rtcserver.conversation.history import History
from rtcserver.realtime.events import conversation as ev
from rtcserver.realtime.events import input_audio_buffer as buf
from rtcserver.realtime.items import InputAudio, Message


class CallerTurn:
    """One turn being spoken. Made anew for the next when this one has become an item."""

    def __init__(self, item_id: str, history: History) -> None:
        self.item_id = item_id
        self.onset_at = 0  # samples since the call began
        self.end_at = 0
        self.announced = False
        self.committed = False
        self.final = False  # every word of the audio so far is here
        self.given_up = False  # nobody has said so: there may have been more
        self.mark = 0
        self.speech_ended_at = 0.0  # session's clock, s
        self.transcript_ready_at = 0.0
        self.turn_ended_at = 0.0
        self._words: list[str] = []
        self._history = history

    @property
    def transcript(self) -> str:
        return " ".join(self._words)

    @property
    def timing(self) -> TurnTiming:
        return TurnTiming(self.speech_ended_at, self.turn_ended_at, self.transcript_ready_at)

    def hear(self, word: str, tell: bool) -> Iterator[Effect]:
        """One more word; `tell` sends it as a live transcript."""
        delta = f" {word}" if self._words else word
        self._words.append(word)
        if tell:
            yield Send(ev.InputAudioTranscriptionDelta(item_id=self.item_id, delta=delta))

    def announce_start(self, prefix: int) -> Iterator[Effect]:
        """Speech has begun; said once. `prefix` samples before it belong to it too."""
        if not self.announced:
            self.announced = True
            start_ms = milliseconds(max(0, self.onset_at - prefix))
            yield Send(
                buf.InputAudioBufferSpeechStarted(item_id=self.item_id, audio_start_ms=start_ms)
            )

    def announce_stop(self) -> Iterator[Effect]:
        yield Send(
            buf.InputAudioBufferSpeechStopped(
                item_id=self.item_id, audio_end_ms=milliseconds(self.end_at)
            )
        )

    def announce_timeout(self) -> Iterator[Effect]:
        """The silence that the turn consists of has lasted too long."""
        yield Send(
            buf.InputAudioBufferTimeoutTriggered(
                item_id=self.item_id,
                audio_start_ms=milliseconds(self.onset_at),
                audio_end_ms=milliseconds(self.end_at),
            )
        )

    def flush(self, mark: int) -> Iterator[Effect]:
        self.mark, self.final = mark, False
        yield FlushTranscriber(mark)

    def commit(self, now: float, tell_item: bool) -> Iterator[Effect]:
        """The turn becomes an item; what it says may still be on its way."""
        self.committed, self.turn_ended_at = True, now
        item = Message(id=self.item_id, role="user", content=(InputAudio(),))
        previous = self._history.add(item)
        yield Send(buf.InputAudioBufferCommitted(item_id=self.item_id, previous_item_id=previous))
        if tell_item:
            yield Send(ev.ConversationItemAdded(previous_item_id=previous, item=item))
            yield Send(ev.ConversationItemDone(previous_item_id=previous, item=item))

    def complete(self, tell: bool) -> Iterator[Effect]:
        """The item gets its transcript, unless the transcriber has failed to give any."""
        if self.given_up and not self._words:
            if tell:
                error = ev.TranscriptionError(message="The transcriber did not answer in time.")
                yield Send(ev.InputAudioTranscriptionFailed(item_id=self.item_id, error=error))
            return
        part = InputAudio(transcript=self.transcript)
        self._history.replace(Message(id=self.item_id, role="user", content=(part,)))
        if tell:
            spoken = max(0, self.end_at - self.onset_at)
            yield Send(
                ev.InputAudioTranscriptionCompleted(
                    item_id=self.item_id,
                    transcript=self.transcript,
                    usage=ev.DurationUsage(seconds=round(seconds(spoken), 3)),
                )
            )
