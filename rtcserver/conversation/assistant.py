"""The assistant's side of turn-taking: prepares, answers, holds its tongue, gives way."""

from collections.abc import Iterator

from rtcserver.audio.format import milliseconds
from rtcserver.conversation import effects as fx
from rtcserver.conversation.follow_ups import after_tools
from rtcserver.conversation.moment import Moment
from rtcserver.conversation.planner import AS_THE_SESSION, Planner
from rtcserver.conversation.replies import Replies
from rtcserver.conversation.tools import Tools
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.realtime.events.rtc import RtcPlaybackPaused, RtcPlaybackResumed
from rtcserver.turns.floor import Move


class Assistant:
    """`give_up_at` is when a playback held for an unclear interruption goes on."""

    def __init__(
        self, planner: Planner, replies: Replies, tools: Tools, resume_after_s: float
    ) -> None:
        self._planner = planner
        self._replies = replies
        self._tools = tools
        self._params = AS_THE_SESSION  # of the last response
        self._resume_after_s = resume_after_s
        self.give_up_at = 0.0
        self.wanted: ResponseParams | None = None  # a response that has to wait
        self._late = False  # it waits so long that it answers no silence of the caller's

    @property
    def busy(self) -> bool:
        """Is a reply being made or heard?"""
        return self._replies.current is not None

    @property
    def owes_answer(self) -> bool:
        """Has a tool of ours brought what no response knows yet?"""
        return self._tools.follow_ups.due and self._replies.active is None

    def protected(self, at: Moment) -> bool:
        """Can what is heard now be the echo of the reply's first word?"""
        reply = self._replies.current
        return reply is not None and reply.protected(at.played)

    def respond_aside(self, params: ResponseParams) -> Iterator[fx.Effect]:
        """The client asks for a response that belongs to no conversation."""
        yield from self._planner.respond_aside(params)

    def progress(self, at: Moment) -> Iterator[fx.Effect]:
        """The reply is played on."""
        if reply := self._replies.current:
            yield from reply.item.play(at.played)

    def respond(self, params: ResponseParams) -> Iterator[fx.Effect]:
        """The client asks for a response."""
        self.withdraw()
        yield from self._planner.discard()
        yield from self._answer(params)

    def follow_up(self) -> Iterator[fx.Effect]:
        """Nobody asks for a response but the result of a tool."""
        follow_ups = self._tools.follow_ups
        follow_ups.begin()
        yield from self._planner.discard()
        yield from self._planner.respond(
            params=after_tools(self._params, last=follow_ups.exhausted)
        )
        active = self._replies.active
        follow_ups.begun(active.life.id if active else None)

    def _answer(
        self, params: ResponseParams, timing: fx.TurnTiming | None = None
    ) -> Iterator[fx.Effect]:
        self._tools.follow_ups.over()
        self._params = params
        yield from self._planner.respond(timing, params)

    def withdraw(self) -> bool:
        """Take back a response that still waits. False if none does."""
        waiting, self.wanted, self._late = self.wanted, None, False
        return waiting is not None

    def carry_out(
        self, move: Move, at: Moment, transcript: str, timing: fx.TurnTiming
    ) -> Iterator[fx.Effect]:
        """`transcript` is of the present turn, `timing` of the last one completed."""
        match move:
            case Move.PREPARE:
                yield from self._planner.prepare(transcript)
            case Move.DISCARD:
                yield from self._planner.discard()
            case Move.RESPOND:
                params, late = self.wanted or AS_THE_SESSION, self._late
                self.withdraw()
                if params is not AS_THE_SESSION:
                    yield from self._planner.discard()
                yield from self._tools.runs.interrupt()
                yield from self._answer(params, None if late else timing)
            case Move.OWE:
                self.wanted, self._late = self.wanted or AS_THE_SESSION, True
            case Move.INTERRUPT:
                yield from self._replies.interrupt(at.played, "turn_detected")
                yield from self._tools.runs.interrupt()
            case Move.PAUSE:
                self.give_up_at = at.now + self._resume_after_s
                yield fx.PausePlayback()
                yield from self._tell(RtcPlaybackPaused, at)
            case Move.RESUME:
                yield fx.ResumePlayback()
                yield from self._tell(RtcPlaybackResumed, at)

    def _tell(
        self, kind: type[RtcPlaybackPaused | RtcPlaybackResumed], at: Moment
    ) -> Iterator[fx.Effect]:
        if reply := self._replies.current:
            played = at.played if reply.item.playing else 0
            yield fx.Send(kind(response_id=reply.life.id, audio_ms=milliseconds(played)))
