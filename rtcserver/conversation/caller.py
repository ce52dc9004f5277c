"""The caller's side: what is heard of the present turn, and what becomes of it."""

from collections.abc import Callable, Iterator

from rtcserver.audio.format import from_milliseconds, seconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation.caller_turn import CallerTurn
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.history import History
from rtcserver.conversation.inputs import SpeechScore
from rtcserver.conversation.moment import Moment
from rtcserver.errors import ProtocolError
from rtcserver.turns.floor import Move, Signal
from rtcserver.turns.server_vad import Edge, ServerVad

_SHORTEST_TURN = from_milliseconds(100)


class Caller:
    """Positions are samples of the caller's audio since the call began."""

    def __init__(
        self, configuration: Configuration, history: History, new_id: Callable[[str], str]
    ) -> None:
        self._configuration = configuration
        self._history = history
        self._new_id = new_id
        self._vad = ServerVad(configuration.vad_timing)
        self._marks = 0
        self._committed_at = 0
        self.position = 0
        self.turn = CallerTurn(new_id("item"), history)
        self.answering = self.turn  # the last turn that was completed
        self.transcript_due_at = 0.0

    @property
    def speaking(self) -> bool:
        return self._vad.speaking and self._configuration.turn_detection is not None

    def speech_since(self, position: int) -> int:
        """Samples of the present stretch of speech that lie behind `position`."""
        return self._vad.speech_end_at - max(self._vad.onset_at, position)

    def reconfigure(self) -> None:
        """The session object has changed; speech under way is judged by the new rules."""
        self._vad.timing = self._configuration.vad_timing

    def score(self, score: SpeechScore, now: float) -> Signal | None:
        """One more window of audio."""
        self.position = score.end
        if self._configuration.turn_detection is None:
            self._vad.skip(score.end)
            return None
        match self._vad.push(score.probability, score.begin, score.end):
            case Edge.STARTED:
                self.turn.final, self.turn.mark = False, 0
            case Edge.PAUSED:
                return Signal.SPEECH_PAUSED
            case Edge.STOPPED:
                self.turn.speech_ended_at = now - seconds(score.end - self._vad.speech_end_at)
                return Signal.SPEECH_STOPPED
        return None

    def finish_transcript(self, mark: int, now: float) -> None:
        """All words of the audio before flush `mark` are here; an older mark means nothing."""
        if mark == self.turn.mark:
            self.turn.final, self.turn.transcript_ready_at = True, now

    def give_up_transcript(self, now: float) -> None:
        if not self.turn.final and now >= self.transcript_due_at:
            self.finish_transcript(self.turn.mark, now)

    def check_commit(self) -> None:
        """Raises ProtocolError when there is no audio to commit."""
        if self.position - self._committed_at < _SHORTEST_TURN:
            raise ProtocolError(
                "The input audio buffer holds less than 100 ms of audio.",
                code="input_audio_buffer_commit_empty",
            )

    def end_by_hand(self, now: float) -> None:
        """The client commits."""
        if not self.turn.announced:
            self._vad.onset_at = self.turn.onset_at = self._committed_at
        self._vad.speech_end_at, self.turn.speech_ended_at = self.position, now
        self._vad.reset()

    def clear(self) -> None:
        self._committed_at = self.position

    def forget(self) -> None:
        """What was said so far never happened: the next sound begins a turn of its own."""
        self.turn = CallerTurn(self._new_id("item"), self._history)

    def carry_out(self, move: Move, at: Moment) -> Iterator[fx.Effect]:
        turn, vad = self.turn, self._vad
        match move:
            case Move.ANNOUNCE_START:
                turn.onset_at = vad.onset_at
                prefix_ms = self._configuration.vad.prefix_padding_ms
                yield from turn.announce_start(from_milliseconds(prefix_ms))
            case Move.ANNOUNCE_STOP:
                turn.end_at = vad.speech_end_at
                yield from turn.announce_stop()
            case Move.FLUSH:
                self._marks += 1
                self.transcript_due_at = at.now + self._configuration.limits.transcript_timeout_s
                yield from turn.flush(self._marks)
            case Move.COMMIT:
                turn.end_at, self._committed_at = vad.speech_end_at, self.position
                yield from turn.commit(at.now, not self._configuration.transcribes_only)
            case Move.COMPLETE:
                yield from turn.complete(self._configuration.wants_transcript)
                self.answering = turn
                self.forget()
            case Move.FORGET:
                self.forget()
                vad.reset()
