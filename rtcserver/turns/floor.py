"""Who has the floor. The whole of turn-taking is the table below; nothing else decides."""

from enum import Enum, auto


class Floor(Enum):
    OPEN = auto()  # nobody is speaking
    USER = auto()  # the user is speaking
    PAUSING = auto()  # a short silence: the words so far are being asked for
    SPECULATING = auto()  # still that silence: an answer to them is being prepared
    CLOSING = auto()  # the turn is over, its last words are still arriving
    ASSISTANT = auto()  # a response is being made or heard
    CONTESTED = auto()  # the user speaks over it: playback holds until it is clear why
    OVERHEARD = auto()  # that speech has stopped before it was clear
    ALONGSIDE = auto()  # the user speaks beside an assistant that is not to be interrupted
    NOTING = auto()  # that turn is over, its last words are still arriving


class Signal(Enum):
    SPEECH_STARTED = auto()
    SPEECH_ALONGSIDE = auto()  # started, and no interruption
    SPEECH_PAUSED = auto()
    SPEECH_STOPPED = auto()
    COMMITTED = auto()  # the client ends the turn by hand
    CLEARED = auto()  # the client throws away what was said
    WORD = auto()
    TRANSCRIPT_READY = auto()  # all words are there and want an answer
    NOTHING_TO_ANSWER = auto()  # all words are there, and there are none, or none is wanted
    SPOKEN_LONG_ENOUGH = auto()  # speech over the assistant that is no cough
    TIMED_OUT = auto()
    RESPONSE_STARTED = auto()
    RESPONSE_ALONGSIDE = auto()  # started, and not held back by the user's speech
    RESPONSE_OVER = auto()  # made and played, cancelled, or failed
    RESPONSE_OWED = auto()  # a turn beside the last one still wants its answer
    IDLE = auto()  # nobody has spoken for as long as the client allows


class Move(Enum):
    ANNOUNCE_START = auto()
    ANNOUNCE_STOP = auto()
    ANNOUNCE_TIMEOUT = auto()  # the silence becomes a turn
    FLUSH = auto()  # ask the transcriber for all words of the audio so far
    PREPARE = auto()  # make an answer, but keep it back
    DISCARD = auto()  # throw the prepared answer away
    COMMIT = auto()  # the turn becomes an item of the conversation
    COMPLETE = auto()  # the item gets its transcript
    RESPOND = auto()  # let the answer be heard, preparing it first if need be
    OWE = auto()  # answer as soon as nothing else is being said
    PAUSE = auto()  # silence at once, keeping what is queued
    RESUME = auto()  # go on from the same sample
    INTERRUPT = auto()  # cancel the response and cut it to what was heard
    FORGET = auto()  # drop what was said of the turn so far


F, S, M = Floor, Signal, Move

TABLE: dict[tuple[Floor, Signal], tuple[Floor, tuple[Move, ...]]] = {
    (F.OPEN, S.SPEECH_STARTED): (F.USER, (M.ANNOUNCE_START,)),
    (F.OPEN, S.COMMITTED): (F.CLOSING, (M.FLUSH, M.COMMIT)),
    (F.OPEN, S.CLEARED): (F.OPEN, (M.FORGET,)),
    (F.OPEN, S.RESPONSE_STARTED): (F.ASSISTANT, ()),
    (F.OPEN, S.RESPONSE_OWED): (F.ASSISTANT, (M.RESPOND,)),
    (F.OPEN, S.IDLE): (F.CLOSING, (M.ANNOUNCE_TIMEOUT, M.FLUSH, M.COMMIT, M.OWE)),
    # the user speaks
    (F.USER, S.SPEECH_PAUSED): (F.PAUSING, (M.FLUSH,)),
    (F.USER, S.SPEECH_STOPPED): (F.CLOSING, (M.FLUSH, M.ANNOUNCE_STOP, M.COMMIT)),
    (F.USER, S.COMMITTED): (F.CLOSING, (M.FLUSH, M.COMMIT)),
    (F.USER, S.CLEARED): (F.OPEN, (M.FORGET,)),
    (F.USER, S.RESPONSE_STARTED): (F.CONTESTED, (M.PAUSE,)),
    (F.USER, S.RESPONSE_ALONGSIDE): (F.ALONGSIDE, ()),
    # a short silence, and an answer prepared on speculation
    (F.PAUSING, S.SPEECH_STARTED): (F.USER, ()),
    (F.PAUSING, S.TRANSCRIPT_READY): (F.SPECULATING, (M.PREPARE,)),
    (F.PAUSING, S.SPEECH_STOPPED): (F.CLOSING, (M.ANNOUNCE_STOP, M.COMMIT)),
    (F.PAUSING, S.COMMITTED): (F.CLOSING, (M.COMMIT,)),
    (F.PAUSING, S.CLEARED): (F.OPEN, (M.FORGET,)),
    (F.PAUSING, S.RESPONSE_STARTED): (F.CONTESTED, (M.PAUSE,)),
    (F.PAUSING, S.RESPONSE_ALONGSIDE): (F.ALONGSIDE, ()),
    (F.SPECULATING, S.SPEECH_STARTED): (F.USER, (M.DISCARD,)),
    (F.SPECULATING, S.WORD): (F.PAUSING, (M.DISCARD, M.FLUSH)),
    (F.SPECULATING, S.SPEECH_STOPPED): (
        F.ASSISTANT,
        (M.ANNOUNCE_STOP, M.COMMIT, M.COMPLETE, M.RESPOND),
    ),
    (F.SPECULATING, S.COMMITTED): (F.ASSISTANT, (M.COMMIT, M.COMPLETE, M.RESPOND)),
    (F.SPECULATING, S.CLEARED): (F.OPEN, (M.DISCARD, M.FORGET)),
    (F.SPECULATING, S.RESPONSE_STARTED): (F.CONTESTED, (M.DISCARD, M.PAUSE)),
    (F.SPECULATING, S.RESPONSE_ALONGSIDE): (F.ALONGSIDE, (M.DISCARD,)),
    # the turn is over, its words are arriving
    (F.CLOSING, S.TRANSCRIPT_READY): (F.ASSISTANT, (M.COMPLETE, M.RESPOND)),
    (F.CLOSING, S.NOTHING_TO_ANSWER): (F.OPEN, (M.COMPLETE,)),
    (F.CLOSING, S.SPEECH_STARTED): (F.USER, (M.COMPLETE, M.ANNOUNCE_START)),
    # the assistant speaks
    (F.ASSISTANT, S.SPEECH_STARTED): (F.CONTESTED, (M.PAUSE,)),
    (F.ASSISTANT, S.SPEECH_ALONGSIDE): (F.ALONGSIDE, (M.ANNOUNCE_START,)),
    (F.ASSISTANT, S.COMMITTED): (F.NOTING, (M.FLUSH, M.COMMIT)),
    (F.ASSISTANT, S.CLEARED): (F.ASSISTANT, (M.FORGET,)),
    (F.ASSISTANT, S.RESPONSE_OVER): (F.OPEN, ()),
    # the user speaks over it
    (F.CONTESTED, S.SPOKEN_LONG_ENOUGH): (F.USER, (M.ANNOUNCE_START, M.INTERRUPT)),
    (F.CONTESTED, S.WORD): (F.USER, (M.ANNOUNCE_START, M.INTERRUPT)),
    (F.CONTESTED, S.COMMITTED): (F.CLOSING, (M.ANNOUNCE_START, M.INTERRUPT, M.FLUSH, M.COMMIT)),
    (F.CONTESTED, S.SPEECH_PAUSED): (F.CONTESTED, (M.FLUSH,)),
    (F.CONTESTED, S.SPEECH_STOPPED): (F.OVERHEARD, ()),
    (F.CONTESTED, S.NOTHING_TO_ANSWER): (F.ASSISTANT, (M.RESUME,)),
    (F.CONTESTED, S.TIMED_OUT): (F.ASSISTANT, (M.FORGET, M.RESUME)),
    (F.CONTESTED, S.CLEARED): (F.ASSISTANT, (M.FORGET, M.RESUME)),
    (F.CONTESTED, S.RESPONSE_OVER): (F.USER, (M.RESUME, M.ANNOUNCE_START)),
    (F.OVERHEARD, S.WORD): (
        F.CLOSING,
        (M.ANNOUNCE_START, M.INTERRUPT, M.ANNOUNCE_STOP, M.COMMIT),
    ),
    (F.OVERHEARD, S.SPEECH_STARTED): (F.CONTESTED, ()),
    (F.OVERHEARD, S.NOTHING_TO_ANSWER): (F.ASSISTANT, (M.RESUME,)),
    (F.OVERHEARD, S.TIMED_OUT): (F.ASSISTANT, (M.FORGET, M.RESUME)),
    (F.OVERHEARD, S.CLEARED): (F.ASSISTANT, (M.FORGET, M.RESUME)),
    (F.OVERHEARD, S.COMMITTED): (F.CLOSING, (M.INTERRUPT, M.FLUSH, M.COMMIT)),
    (F.OVERHEARD, S.RESPONSE_OVER): (
        F.CLOSING,
        (M.RESUME, M.ANNOUNCE_START, M.ANNOUNCE_STOP, M.COMMIT),
    ),
    # the user speaks beside it
    (F.ALONGSIDE, S.SPEECH_PAUSED): (F.ALONGSIDE, (M.FLUSH,)),
    (F.ALONGSIDE, S.SPEECH_STOPPED): (F.NOTING, (M.FLUSH, M.ANNOUNCE_STOP, M.COMMIT)),
    (F.ALONGSIDE, S.COMMITTED): (F.NOTING, (M.FLUSH, M.COMMIT)),
    (F.ALONGSIDE, S.CLEARED): (F.ASSISTANT, (M.FORGET,)),
    (F.ALONGSIDE, S.RESPONSE_OVER): (F.USER, ()),
    (F.NOTING, S.TRANSCRIPT_READY): (F.ASSISTANT, (M.COMPLETE, M.OWE)),
    (F.NOTING, S.NOTHING_TO_ANSWER): (F.ASSISTANT, (M.COMPLETE,)),
    (F.NOTING, S.RESPONSE_OVER): (F.CLOSING, ()),
}


class TurnMachine:
    """Feed it signals in order; carry out the moves it returns, in order."""

    def __init__(self) -> None:
        self.floor = Floor.OPEN

    def handle(self, signal: Signal) -> tuple[Move, ...]:
        """Signals that mean nothing on the current floor are ignored."""
        self.floor, moves = TABLE.get((self.floor, signal), (self.floor, ()))
        return moves


def mermaid() -> str:
    """The table as a state diagram, for ARCHITECTURE.md."""
    lines = ["stateDiagram-v2", f"  [*] --> {Floor.OPEN.name}"]
    for (floor, signal), (to, moves) in TABLE.items():
        did = f" / {', '.join(move.name.lower() for move in moves)}" if moves else ""
        lines.append(f"  {floor.name} --> {to.name}: {signal.name.lower()}{did}")
    return "\n".join(lines)
