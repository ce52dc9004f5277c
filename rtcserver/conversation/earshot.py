"""How much of one reply was heard, and whose word counts.

A wire that plays the audio itself (WebRTC, phone) knows what has left for the ear: a client can
only say that it was less. Where the client plays (WebSocket), ours is an estimate and the client's
`audio_end_ms` the better witness: whatever comes first, its word stands.
"""

from rtcserver.audio.format import SAMPLES_PER_FRAME
from rtcserver.conversation.heard import Utterance


class Earshot:
    """All positions are samples of the reply's audio."""

    def __init__(self, utterance: Utterance) -> None:
        self._utterance = utterance
        self._cut_at: int | None = None
        self.stopped = False
        """The client plays by itself, and has told where it stopped."""
        self.told, self.told_at = "", 0

    @property
    def whole(self) -> bool:
        return self._cut_at is None

    @property
    def samples(self) -> int:
        """Of what there is of the reply, as much as was heard or still may be."""
        made = self._utterance.samples
        return made if self._cut_at is None else min(self._cut_at, made)

    @property
    def text(self) -> str:
        return self._utterance.heard(self.samples)

    def grows(self, played: int) -> bool:
        """Whether a new word was heard by now; asked more often than every 80 ms it is patient."""
        if self.stopped or played < self.told_at + SAMPLES_PER_FRAME:
            return False
        text = self._utterance.heard(played)
        if len(text) <= len(self.told):  # a guess without word times may also shrink
            return False
        self.told, self.told_at = text, played
        return True

    def reckon(self, played: int) -> bool:
        """Our own count at a cut. False if the client knows better."""
        if not self.stopped:
            self._cut_at = played if self._cut_at is None else min(played, self._cut_at)
        return not self.stopped

    def learn(self, end: int, *, plays_itself: bool) -> None:
        """The client's count; more than there is means all of it."""
        if plays_itself:
            self._cut_at, self.stopped = end, True
        else:
            self.reckon(end)
