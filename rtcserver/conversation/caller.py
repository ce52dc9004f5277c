"""The caller's side: what is heard of the present turn, and what becomes of it."""

from collections.abc import Callable, Iterator

from rtcserver.conversation import effects as fx
from rtcserver.conversation.caller_turn import CallerTurn
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.history import History
from rtcserver.conversation.idle import Idle
from rtcserver.conversation.inputs import SpeechScore
from rtcserver.conversation.listening import Listening
from rtcserver.conversation.moment import Moment
from rtcserver.conversation.usage import SoundHeard
from rtcserver.turns.activity import Edge
from rtcserver.turns.floor import Move, Signal


class Caller:
    def __init__(
        self,
        configuration: Configuration,
        history: History,
        sound: SoundHeard,
        new_id: Callable[[str], str],
    ) -> None:
        self._configuration = configuration
        self._history = history
        self._sound = sound
        self._new_id = new_id
        self._marks = 0
        self.listening = Listening(configuration)
        self.idle = Idle()
        self.turn = CallerTurn(new_id("item"), history)
        self.answering = self.turn  # the last turn that was completed
        self.transcript_due_at = 0.0

    def score(self, score: SpeechScore, now: float) -> Signal | None:
        """One more window of audio."""
        match self.listening.score(score):
            case Edge.STARTED if not self.turn.committed:
                self.turn.final, self.turn.mark = False, 0
            case Edge.PAUSED:
                return Signal.SPEECH_PAUSED
        return Signal.SPEECH_STOPPED if self.listening.ends(self.turn, now) else None

    def finish_transcript(self, mark: int, now: float) -> None:
        """All words of the audio before flush `mark` are here; an older mark means nothing."""
        if mark == self.turn.mark:
            self.turn.final, self.turn.transcript_ready_at = True, now

    def give_up_transcript(self, now: float) -> None:
        if not self.turn.final and now >= self.transcript_due_at:
            self.turn.given_up = True
            self.finish_transcript(self.turn.mark, now)

    def forget(self) -> None:
        """What was said so far never happened."""
        self.turn = CallerTurn(self._new_id("item"), self._history)

    def carry_out(self, move: Move, at: Moment) -> Iterator[fx.Effect]:
        turn, listening = self.turn, self.listening
        match move:
            case Move.ANNOUNCE_START:
                turn.onset_at = listening.onset_at
                yield from turn.announce_start(self._configuration.turns.prefix)
            case Move.ANNOUNCE_STOP:
                turn.end_at = listening.speech_end_at
                yield from turn.announce_stop()
            case Move.ANNOUNCE_TIMEOUT:
                listening.end_silence(turn, self.idle.position, at.now)
                yield from turn.announce_timeout()
            case Move.FLUSH:
                self._marks += 1
                self.transcript_due_at = at.now + self._configuration.limits.transcript_timeout_s
                yield from turn.flush(self._marks)
            case Move.COMMIT:
                turn.end_at = listening.speech_end_at
                self._sound.add(max(0, turn.end_at - turn.onset_at))
                listening.taken()
                yield from turn.commit(at.now, not self._configuration.transcribes_only)
            case Move.COMPLETE:
                yield from turn.complete(self._configuration.wants_transcript)
                self.answering = turn
                self.forget()
            case Move.FORGET:
                self.forget()
                listening.forget()
