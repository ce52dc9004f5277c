"""Where the silence between a caller's last sound and the answer's first sample went."""

from rtcserver import metrics
from rtcserver.conversation.effects import ReleaseReply
from rtcserver.realtime.events.rtc import Phase, RtcLatency
from rtcserver.timer import PhasesStopwatch, now

PHASES = ("endpointing", "stt", "llm", "tts", "playout")


class TurnLatency:
    """One reply's stopwatch. The moments of its making may come before the turn is over."""

    def __init__(self) -> None:
        self._watch = PhasesStopwatch(PHASES)
        self._release: ReleaseReply | None = None
        self._told = False

    def released(self, release: ReleaseReply) -> None:
        """The turn is over; a reply that answers no spoken turn is not measured."""
        self._release = release
        if (timing := release.timing) is None:
            return
        self._watch.start(timing.speech_ended_at)
        self._watch.mark("endpointing", timing.turn_ended_at)
        self._watch.mark("stt", timing.transcript_ready_at)

    def mark(self, phase: str) -> None:
        """`phase` ends now, if it has not ended before."""
        self._watch.mark(phase, now())

    def heard(self) -> RtcLatency | None:
        """The first sample has left: the whole account, once."""
        self.mark("playout")
        release = self._release
        if release is None or release.timing is None or self._told:
            return None
        self._told = True
        parts = self._watch.seconds()
        for name, length in parts.items():
            metrics.TURN_PHASE_SECONDS.labels(name).observe(length)
        metrics.TURN_SECONDS.observe(sum(parts.values()))
        phases = tuple(Phase(name=n, ms=round(s * 1000, 1)) for n, s in parts.items())
        return RtcLatency(
            response_id=release.response_id,
            item_id=release.item_id,
            total_ms=round(sum(phase.ms for phase in phases), 1),
            phases=phases,
        )
