"""A conversation as a pure machine: what happens and when goes in, what to do comes out."""

from collections.abc import Callable, Iterator

from msgspec import structs

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.assistant import Assistant
from rtcserver.conversation.caller import Caller
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.history import History
from rtcserver.conversation.items_desk import ItemEvent, ItemsDesk
from rtcserver.conversation.moment import Moment
from rtcserver.conversation.planner import Planner
from rtcserver.conversation.replies import Replies
from rtcserver.conversation.session_rules import check_response, check_session
from rtcserver.conversation.tools import Tools
from rtcserver.conversation.turn_rules import Limits
from rtcserver.conversation.turn_taking import TurnTaking
from rtcserver.conversation.usage import SoundHeard
from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ABSENT, Absent, ClientEvent
from rtcserver.realtime.events import input_audio_buffer as ibuf
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.events.error import error_event
from rtcserver.realtime.events.output_audio_buffer import OutputAudioBufferClear
from rtcserver.realtime.events.session import (
    SessionCreated,
    SessionUpdate,
    SessionUpdated,
    TranscriptionSessionUpdate,
)
from rtcserver.realtime.session_object import AnySession, RealtimeSession
from rtcserver.turns.hearing import Final, Step, Word

_OF_TRANSCRIPTION = (
    SessionUpdate,
    TranscriptionSessionUpdate,
    ibuf.InputAudioBufferAppend,
    ibuf.InputAudioBufferCommit,
    ibuf.InputAudioBufferClear,
)


class Conversation:
    """Nothing here waits, reads a clock or calls back."""

    def __init__(
        self,
        session: AnySession,
        limits: Limits,
        new_id: Callable[[str], str],
        *,
        owns_playback: bool,
    ) -> None:
        """`session` has a value in every field. `owns_playback`: see transports/base.py."""
        self._configuration = Configuration(session, limits)
        self._history = History()
        self._tools = Tools(limits.tools, self._history, new_id)
        calls = self._tools.calls
        self._replies = Replies(self._history, calls, owns_playback=owns_playback)
        self._items = ItemsDesk(self._configuration, self._history, self._replies, calls, new_id)
        sound = SoundHeard()
        self._caller = Caller(self._configuration, self._history, sound, new_id)
        planner = Planner(
            self._configuration, self._history, self._replies, self._tools, sound, new_id
        )
        self._assistant = Assistant(planner, self._replies, self._tools, limits.resume_after_s)
        self._turns = TurnTaking(self._configuration, self._caller, self._assistant)

    @property
    def session(self) -> AnySession:
        return self._configuration.effective

    @property
    def expected_voice(self) -> str | None:
        """That of the answer to the turn being made; None if none is expected, or it is written."""
        return self._configuration.expected_voice

    def start(self) -> list[fx.Effect]:
        tools = self._configuration.take_tools()
        created = fx.Send(SessionCreated(session=self.session))
        reconfigure = fx.Reconfigure(self._configuration.input_format)
        if self._configuration.transcribes_only:
            return [reconfigure, created]
        return [reconfigure, created, *self._tools.boxes.open(tools)]

    def handle(self, event: inputs.Input, now: float, played: int = 0) -> list[fx.Effect]:
        """`now`: seconds on any steady clock. `played`: samples of the reply written last that
        have left for the listener's ear. Never raises for what a client did wrong."""
        at = Moment(now, played)
        effects: list[fx.Effect] = []
        try:
            effects.extend(self._happen(event, at))
        except ProtocolError as exc:
            exc.event_id = getattr(event, "event_id", None)
            effects.append(fx.Send(error_event(exc)))
        effects.extend(self._turns.settle(at))
        return effects

    def deadline(self) -> float | None:
        """Call handle(Tick()) at this time, unless something happens before."""
        return self._turns.deadline()

    def _happen(self, event: inputs.Input, at: Moment) -> Iterator[fx.Effect]:
        match event:
            case inputs.SpeechScore():
                yield from self._turns.score(event, at)
                yield from self._assistant.progress(at)
            case Step() | Word() | Final():
                yield from self._turns.hear(event, at)
            case inputs.Tick():
                pass
            case inputs.PlaybackStarted() | inputs.PlaybackStopped():
                yield from self._replies.playback(event)
            case ClientEvent():
                yield from self._obey(event, at)
            case _ if isinstance(event, inputs.ToolInput):
                yield from self._tools.came(event)
            case _:
                yield from self._replies.handle(event)

    def _obey(self, event: ClientEvent, at: Moment) -> Iterator[fx.Effect]:
        if self._configuration.transcribes_only and not isinstance(event, _OF_TRANSCRIPTION):
            raise ProtocolError(
                "A transcription session has no conversation and no responses.",
                code="unsupported_event",
                param="type",
            )
        match event:
            case SessionUpdate(session=changes) | TranscriptionSessionUpdate(session=changes):
                yield from self._update(changes)
            case ibuf.InputAudioBufferCommit():
                yield from self._turns.commit(at)
            case ibuf.InputAudioBufferClear():
                yield from self._turns.clear(at)
                yield fx.Send(ibuf.InputAudioBufferCleared())
            case ibuf.InputAudioBufferAppend():
                raise ProtocolError(
                    "On this connection audio travels on its media track.",
                    code="unsupported_event",
                    param="type",
                )
            case OutputAudioBufferClear():
                yield from self._replies.interrupt(at.played, "client_cancelled")
                yield from self._tools.runs.interrupt()
            case ev.ResponseCreate(response=params):
                yield from self._create_response(params)
            case ev.ResponseCancel(response_id=response_id):
                yield from self._cancel_response(response_id)
            case _:
                assert isinstance(event, ItemEvent)
                yield from self._items.handle(event)

    def _update(self, changes: AnySession) -> Iterator[fx.Effect]:
        """Raises ProtocolError; nothing has changed then."""
        check_session(changes, self._configuration.limits)
        new = changes.tools if isinstance(changes, RealtimeSession) else ABSENT
        self._configuration.update(changes)
        tools = self._configuration.take_tools()
        self._caller.listening.reconfigure()
        yield fx.Reconfigure(self._configuration.input_format)
        yield fx.Send(SessionUpdated(session=self.session))
        if not isinstance(new, Absent):
            yield from self._tools.boxes.configure(tools)

    def _create_response(self, params: ev.ResponseParams) -> Iterator[fx.Effect]:
        check_response(params, self._configuration.limits)
        self._tools.check(params)
        if not isinstance(params.input, Absent):
            known = tuple(self._history.resolve(params.input, "response.input"))
            params = structs.replace(params, input=known)
        active = self._replies.active
        if params.conversation == "none":
            self._replies.check_aside()
            yield from self._assistant.respond_aside(params)
        elif active and self._tools.follow_ups.claims(active.life.id, params):
            pass  # it is being made already
        elif active or self._assistant.wanted:
            raise ProtocolError(
                "The conversation has a response that is still being made.",
                code="conversation_already_has_active_response",
            )
        else:
            yield from self._turns.request(params)

    def _cancel_response(self, response_id: str | None) -> Iterator[fx.Effect]:
        """Without an id it is the conversation's response that is meant."""
        making = self._replies.making(response_id) if response_id else self._replies.active
        if making:
            yield from self._replies.cancel(making, "client_cancelled")
            yield from self._tools.runs.interrupt()
        elif response_id or not self._assistant.withdraw():
            raise ProtocolError(
                "There is no such response being made.", code="response_cancel_not_active"
            )
