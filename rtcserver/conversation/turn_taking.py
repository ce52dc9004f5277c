"""Between caller and assistant: raise the signals, let the floor table decide, route its moves."""

from collections.abc import Iterator

from rtcserver.audio.format import from_milliseconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation.assistant import Assistant
from rtcserver.conversation.caller import Caller
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.inputs import SpeechScore
from rtcserver.conversation.moment import Moment
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.turns.floor import Floor, Move, Signal, TurnMachine
from rtcserver.turns.hearing import Final, Word

_OF_CALLER = {
    Move.ANNOUNCE_START,
    Move.ANNOUNCE_STOP,
    Move.FLUSH,
    Move.COMMIT,
    Move.COMPLETE,
    Move.FORGET,
}
_NOBODY_LISTENS = (Floor.OPEN, Floor.ASSISTANT)
_UNCLEAR = (Floor.CONTESTED, Floor.OVERHEARD)
_WITH_REPLY = (*_UNCLEAR, Floor.ASSISTANT)
_AWAITING_WORDS = (*_UNCLEAR, Floor.PAUSING, Floor.CLOSING)


class TurnTaking:
    """Some signals are edges (a word, speech has stopped), others are states that last (speech
    goes on, all words are here, the reply is over). Those are looked at after every event, so
    that what one floor had to ignore is noticed on the next."""

    def __init__(self, configuration: Configuration, caller: Caller, assistant: Assistant) -> None:
        self._configuration = configuration
        self._caller = caller
        self._assistant = assistant
        self._machine = TurnMachine()
        self._protected_until = 0  # position up to which speech may have been echo

    def score(self, score: SpeechScore, at: Moment) -> Iterator[fx.Effect]:
        """One more window of the caller's audio."""
        signal = self._caller.score(score, at.now)
        if signal is None:
            return
        yield from self._signal(signal, at)
        if signal is Signal.SPEECH_STOPPED and self._machine.floor in _NOBODY_LISTENS:
            self._caller.forget()

    def hear(self, heard: Word | Final, at: Moment) -> Iterator[fx.Effect]:
        """News from the transcriber. A word while the caller is silent is an echo, or late."""
        if isinstance(heard, Final):
            self._caller.finish_transcript(heard.mark, at.now)
            return
        by_hand = self._configuration.turn_detection is None
        if self._machine.floor in _NOBODY_LISTENS and not (by_hand or self._caller.speaking):
            return
        yield from self._signal(Signal.WORD, at)
        listening = by_hand or self._machine.floor not in _NOBODY_LISTENS
        yield from self._caller.turn.hear(
            heard.text, tell=listening and self._configuration.wants_transcript
        )

    def commit(self, at: Moment) -> Iterator[fx.Effect]:
        """The client ends the turn, and does not wait for words of the one before. Raises
        ProtocolError when there is no audio in it."""
        self._caller.check_commit()
        if self._machine.floor is Floor.CLOSING:
            self._caller.finish_transcript(self._caller.turn.mark, at.now)
            yield from self.settle(at)
        self._caller.end_by_hand(at.now)
        yield from self._signal(Signal.COMMITTED, at)

    def clear(self, at: Moment) -> Iterator[fx.Effect]:
        """The client throws away what was said since the last turn."""
        self._caller.clear()
        yield from self._signal(Signal.CLEARED, at)

    def request(self, params: ResponseParams) -> Iterator[fx.Effect]:
        """The client asks for a response; it waits for the words of a turn that has just ended."""
        if self._machine.floor is Floor.CLOSING:
            self._assistant.wanted = params
        else:
            yield from self._assistant.respond(params)

    def settle(self, at: Moment) -> Iterator[fx.Effect]:
        """Act on what lasts, until nothing is left to act on."""
        for _ in range(len(Floor)):  # longer than any chain in the table
            signal = self._lasting(at)
            if signal is None:
                return
            yield from self._signal(signal, at)

    def deadline(self) -> float | None:
        """When settle() has something to do even if nothing happens before."""
        if self._machine.floor in _UNCLEAR:
            return self._assistant.give_up_at
        return self._caller.transcript_due_at if self._machine.floor is Floor.CLOSING else None

    def _lasting(self, at: Moment) -> Signal | None:
        """The signal of a state that the present floor has taken no notice of yet."""
        floor, unclear = self._machine.floor, self._machine.floor in _UNCLEAR
        if floor is Floor.CLOSING:
            self._caller.give_up_transcript(at.now)
        if floor in _WITH_REPLY and not self._assistant.busy:
            return Signal.RESPONSE_OVER
        if self._assistant.busy and floor not in (*_WITH_REPLY, Floor.CLOSING):
            return Signal.RESPONSE_STARTED
        if self._caller.turn.final and floor in _AWAITING_WORDS:
            return self._transcript_signal(floor)
        if self._caller.speaking and (signal := self._speech_signal(floor, at)):
            return signal
        return Signal.TIMED_OUT if unclear and at.now >= self._assistant.give_up_at else None

    def _transcript_signal(self, floor: Floor) -> Signal | None:
        said = bool(self._caller.turn.transcript)
        if floor in _UNCLEAR:
            return Signal.WORD if said else Signal.NOTHING_TO_ANSWER
        closing, wanted = floor is Floor.CLOSING, self._assistant.wanted is not None
        if (said and self._configuration.creates_response) or (closing and wanted):
            return Signal.TRANSCRIPT_READY
        return Signal.NOTHING_TO_ANSWER if closing else None

    def _speech_signal(self, floor: Floor, at: Moment) -> Signal | None:
        if floor is Floor.CONTESTED:
            limit = from_milliseconds(self._configuration.limits.interrupt_ms)
            spoken = self._caller.speech_since(self._protected_until)
            return Signal.SPOKEN_LONG_ENOUGH if spoken >= limit else None
        if floor is Floor.ASSISTANT and not self._may_interrupt(at):
            return None
        return Signal.SPEECH_STARTED if floor is not Floor.USER else None

    def _may_interrupt(self, at: Moment) -> bool:
        """Speech counts from the end of the reply's first word, whose echo it may be."""
        if self._assistant.protected(at):
            self._protected_until = self._caller.position
        onset = from_milliseconds(self._configuration.limits.onset_ms)
        new = self._caller.speech_since(self._protected_until) >= onset
        return new and self._configuration.interrupts_response

    def _signal(self, signal: Signal, at: Moment) -> Iterator[fx.Effect]:
        for move in self._machine.handle(signal):
            if move in _OF_CALLER:
                yield from self._caller.carry_out(move, at)
            else:
                turn, answering = self._caller.turn, self._caller.answering
                yield from self._assistant.carry_out(move, at, turn.transcript, answering.timing)
