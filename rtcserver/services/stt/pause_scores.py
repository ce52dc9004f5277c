"""Which of a recogniser's pause scores can be believed. Pure."""

from rtcserver.turns.hearing import NO_PAUSES, Pauses

_WARM_UP_STEPS = 12  # as Kyutai's own client (unmute) has it: until then the heads guess
_SPEECH = 0.4  # likewise: below this P(pause >= 0.5 s) it hears somebody speak
_WITHIN_ERROR = 1  # frame; so little silence of ours changes no judgement


class PauseScores:
    """One connection's. After a flush the model has heard more silence than there was, and takes
    the caller to be done: it is believed again once it has heard speech."""

    def __init__(self) -> None:
        self._steps = 0
        self._misled = False

    def silence_put_in(self, frames: int) -> None:
        self._misled = self._misled or frames > _WITHIN_ERROR

    def read(self, pauses: Pauses, *, ours: bool) -> Pauses:
        """What of a Step's scores may be told; `ours`: it is of silence that we put in."""
        self._steps += 1
        if ours or self._steps <= _WARM_UP_STEPS:
            return NO_PAUSES
        if pauses and pauses[0] < _SPEECH:
            self._misled = False
        return NO_PAUSES if self._misled else pauses
