"""Where in the caller's audio there is speech, and where a turn of it ends."""

from rtcserver.audio.format import from_milliseconds, seconds
from rtcserver.conversation.caller_turn import CallerTurn
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.inputs import SpeechScore
from rtcserver.errors import ProtocolError
from rtcserver.turns.activity import Edge, SpeechActivity
from rtcserver.turns.hearing import NO_PAUSES, Pauses
from rtcserver.turns.turn_end import SoFar

_SHORTEST_TURN = from_milliseconds(100)


class Listening:
    """Positions are samples of the caller's audio since the call began."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._activity = SpeechActivity(configuration.turns.timing)
        self._committed_at = 0
        self.position = 0
        self.pauses: Pauses = NO_PAUSES
        """The transcriber's own judgement of the present silence."""

    @property
    def speaking(self) -> bool:
        return self._activity.speaking and not self._configuration.turns.end.by_hand

    @property
    def onset_at(self) -> int:
        return self._activity.onset_at

    @property
    def speech_end_at(self) -> int:
        return self._activity.speech_end_at

    def reconfigure(self) -> None:
        """The session object has changed; speech under way is judged by the new rules."""
        self._activity.timing = self._configuration.turns.timing

    def score(self, score: SpeechScore) -> Edge | None:
        """One more window of audio."""
        self.position = score.end
        if self._configuration.turns.end.by_hand:
            self._activity.skip(score.end)
            return None
        edge = self._activity.push(score.probability, score.begin, score.end)
        if edge is Edge.STARTED:
            self.pauses = NO_PAUSES
        return edge

    def ends(self, turn: CallerTurn, now: float) -> bool:
        """Whether the present silence ends the turn; it is noted there, once."""
        if not self._activity.paused:
            return False
        silence = self.position - self.speech_end_at
        so_far = SoFar(turn.transcript, turn.final, self.pauses)
        if silence < self._configuration.turns.end.silence(so_far):
            return False
        turn.speech_ended_at = now - seconds(silence)
        self._activity.reset()
        return True

    def end_by_hand(self, turn: CallerTurn, now: float) -> None:
        """The client commits."""
        self.end_silence(turn, turn.onset_at if turn.announced else self._committed_at, now)

    def end_silence(self, turn: CallerTurn, since: int, now: float) -> None:
        """All audio from `since` to here is the turn, whatever there is in it."""
        self._activity.onset_at = turn.onset_at = since
        self._activity.speech_end_at = turn.end_at = self.position
        turn.speech_ended_at = now
        self._activity.reset()

    def check_commit(self) -> None:
        """Raises ProtocolError when there is no audio to commit."""
        if self.position - self._committed_at < _SHORTEST_TURN:
            raise ProtocolError(
                "The input audio buffer holds less than 100 ms of audio.",
                code="input_audio_buffer_commit_empty",
            )

    def taken(self) -> None:
        """The audio up to here was committed, or thrown away."""
        self._committed_at = self.position

    def forget(self) -> None:
        """What was said so far never happened: the next sound begins a turn of its own."""
        self._activity.reset()
