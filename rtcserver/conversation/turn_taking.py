"""Between caller and assistant: raise the signals, let the floor table decide, route its moves."""

from collections.abc import Iterator

from rtcserver.conversation import effects as fx
from rtcserver.conversation.assistant import Assistant
from rtcserver.conversation.caller import Caller
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.inputs import SpeechScore
from rtcserver.conversation.lasting import Lasting
from rtcserver.conversation.moment import Moment
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.turns.floor import Floor, Move, Signal, TurnMachine
from rtcserver.turns.hearing import Final, Hearing, Step, Word

_OF_CALLER = {
    Move.ANNOUNCE_START,
    Move.ANNOUNCE_STOP,
    Move.ANNOUNCE_TIMEOUT,
    Move.FLUSH,
    Move.COMMIT,
    Move.COMPLETE,
    Move.FORGET,
}
_WORDS_ARRIVE = (Floor.CLOSING, Floor.NOTING)
_NOBODY_LISTENS = (Floor.OPEN, Floor.ASSISTANT)


class TurnTaking:
    """Some signals are edges (a word, speech has stopped) and raised here as they come; the
    others are states that last."""

    def __init__(self, configuration: Configuration, caller: Caller, assistant: Assistant) -> None:
        self._configuration = configuration
        self._caller = caller
        self._assistant = assistant
        self._lasting = Lasting(configuration, caller, assistant)
        self._machine = TurnMachine()

    def score(self, score: SpeechScore, at: Moment) -> Iterator[fx.Effect]:
        """One more window of the caller's audio."""
        signal = self._caller.score(score, at.now)
        if signal is None:
            return
        yield from self._signal(signal, at)
        if signal is Signal.SPEECH_STOPPED and self._machine.floor in _NOBODY_LISTENS:
            self._caller.forget()

    def hear(self, heard: Hearing, at: Moment) -> Iterator[fx.Effect]:
        """News from the transcriber."""
        match heard:
            case Step(pauses=pauses):
                self._caller.listening.pauses = pauses
            case Final(mark=mark):
                self._caller.finish_transcript(mark, at.now)
            case Word(text=text):
                yield from self._hear_word(text, at)

    def _hear_word(self, text: str, at: Moment) -> Iterator[fx.Effect]:
        """A word while the caller is silent is an echo, or late."""
        by_hand = self._configuration.turns.end.by_hand
        speaking = self._caller.listening.speaking
        if self._machine.floor in _NOBODY_LISTENS and not (by_hand or speaking):
            return
        yield from self._signal(Signal.WORD, at)
        listening = by_hand or self._machine.floor not in _NOBODY_LISTENS
        yield from self._caller.turn.hear(
            text, tell=listening and self._configuration.wants_transcript
        )

    def commit(self, at: Moment) -> Iterator[fx.Effect]:
        """The client ends the turn, and does not wait for words of the one before. Raises
        ProtocolError when there is no audio in it."""
        self._caller.listening.check_commit()
        if self._machine.floor in _WORDS_ARRIVE:
            self._caller.finish_transcript(self._caller.turn.mark, at.now)
            yield from self.settle(at)
        self._caller.listening.end_by_hand(self._caller.turn, at.now)
        yield from self._signal(Signal.COMMITTED, at)

    def clear(self, at: Moment) -> Iterator[fx.Effect]:
        """The client throws away what was said since the last turn."""
        self._caller.listening.taken()
        yield from self._signal(Signal.CLEARED, at)

    def request(self, params: ResponseParams) -> Iterator[fx.Effect]:
        """The client asks for a response; it waits for the words of a turn that has just ended."""
        if self._machine.floor in _WORDS_ARRIVE:
            self._assistant.wanted = params
        else:
            yield from self._assistant.respond(params)

    def settle(self, at: Moment) -> Iterator[fx.Effect]:
        """Act on what lasts, until nothing is left to act on."""
        for _ in range(len(Floor)):  # longer than any chain in the table
            signal = self._lasting.signal(self._machine.floor, at)
            if signal is not None:
                yield from self._signal(signal, at)
            elif self._assistant.owes_answer and self._machine.floor in _NOBODY_LISTENS:
                yield from self._assistant.follow_up()
            else:
                return

    def deadline(self) -> float | None:
        """When settle() has something to do even if nothing happens before."""
        return self._lasting.deadline(self._machine.floor)

    def _signal(self, signal: Signal, at: Moment) -> Iterator[fx.Effect]:
        before = self._machine.floor
        moves = self._machine.handle(signal)
        if self._machine.floor is not before:
            position = self._caller.listening.position
            self._caller.idle.follow(self._machine.floor, signal, at.now, position)
        for move in moves:
            if move in _OF_CALLER:
                yield from self._caller.carry_out(move, at)
            else:
                turn, answering = self._caller.turn, self._caller.answering
                yield from self._assistant.carry_out(move, at, turn.transcript, answering.timing)
