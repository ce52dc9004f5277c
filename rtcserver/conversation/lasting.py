"""States that last: which signal they raise on a floor that has taken no notice of them yet."""

from rtcserver.audio.format import from_milliseconds
from rtcserver.conversation.assistant import Assistant
from rtcserver.conversation.caller import Caller
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.moment import Moment
from rtcserver.turns.floor import Floor, Signal

_UNCLEAR = (Floor.CONTESTED, Floor.OVERHEARD)
_ENDED = (Floor.CLOSING, Floor.NOTING)
_WITH_REPLY = (*_UNCLEAR, Floor.ASSISTANT, Floor.ALONGSIDE, Floor.NOTING)
_AWAITING_WORDS = (*_UNCLEAR, *_ENDED, Floor.PAUSING)
_SPEECH_IS_NO_NEWS = (Floor.USER, Floor.ALONGSIDE, Floor.NOTING)


class Lasting:
    """Speech goes on, all words are here, the reply is over: looked at after every event, so that
    what one floor had to ignore is noticed on the next."""

    def __init__(self, configuration: Configuration, caller: Caller, assistant: Assistant) -> None:
        self._configuration = configuration
        self._caller = caller
        self._assistant = assistant
        self._protected_until = 0  # position up to which speech may have been echo

    def signal(self, floor: Floor, at: Moment) -> Signal | None:
        if floor in _ENDED:
            self._caller.give_up_transcript(at.now)
        if floor in _WITH_REPLY and not self._assistant.busy:
            return Signal.RESPONSE_OVER
        if self._assistant.busy and floor not in (*_WITH_REPLY, Floor.CLOSING):
            held_back = floor is Floor.OPEN or self._configuration.turns.interrupts_response
            return Signal.RESPONSE_STARTED if held_back else Signal.RESPONSE_ALONGSIDE
        if self._caller.turn.final and floor in _AWAITING_WORDS:
            return self._transcript(floor)
        if self._caller.listening.speaking and (signal := self._speech(floor, at)):
            return signal
        return self._waited(floor, at)

    def deadline(self, floor: Floor) -> float | None:
        """When there will be a signal even if nothing happens before."""
        if floor in _UNCLEAR:
            return self._assistant.give_up_at
        if floor is Floor.OPEN:
            return self._caller.idle.due_at(self._configuration.turns.idle_s)
        return self._caller.transcript_due_at if floor in _ENDED else None

    def _waited(self, floor: Floor, at: Moment) -> Signal | None:
        if floor is Floor.OPEN and self._assistant.wanted:
            return Signal.RESPONSE_OWED
        due_at = self.deadline(floor)
        if floor in _ENDED or due_at is None or at.now < due_at:
            return None
        return Signal.IDLE if floor is Floor.OPEN else Signal.TIMED_OUT

    def _transcript(self, floor: Floor) -> Signal | None:
        said = bool(self._caller.turn.transcript)
        if floor in _UNCLEAR:
            return Signal.WORD if said else Signal.NOTHING_TO_ANSWER
        ended, wanted = floor in _ENDED, self._assistant.wanted is not None
        if (said and self._configuration.turns.creates_response) or (ended and wanted):
            return Signal.TRANSCRIPT_READY
        return Signal.NOTHING_TO_ANSWER if ended else None

    def _speech(self, floor: Floor, at: Moment) -> Signal | None:
        if floor is Floor.CONTESTED:
            return (
                Signal.SPOKEN_LONG_ENOUGH
                if self._new_speech(self._configuration.limits.interrupt_ms)
                else None
            )
        if floor is Floor.ASSISTANT:
            return self._over_reply(at)
        return None if floor in _SPEECH_IS_NO_NEWS else Signal.SPEECH_STARTED

    def _over_reply(self, at: Moment) -> Signal | None:
        """Speech counts from the end of the reply's first word, whose echo it may be."""
        if self._assistant.protected(at):
            self._protected_until = self._caller.listening.position
        if not self._new_speech(self._configuration.limits.onset_ms):
            return None
        interrupts = self._configuration.turns.interrupts_response
        return Signal.SPEECH_STARTED if interrupts else Signal.SPEECH_ALONGSIDE

    def _new_speech(self, at_least_ms: int) -> bool:
        """Whether so much of the present stretch of speech can be no echo."""
        listening = self._caller.listening
        since = max(listening.onset_at, self._protected_until)
        return listening.speech_end_at - since >= from_milliseconds(at_least_ms)
